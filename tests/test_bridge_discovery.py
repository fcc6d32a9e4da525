"""OSCQuery: the table as other programs find and read it."""

from __future__ import annotations

import json
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from bridge.addresses import ANSWERS, REQUESTS
from bridge.discovery import NAME, SERVICES, find_node, tree
from bridge.server import Bridge
from engine.settings import BridgeSettings
from tests.bridge_fixtures import QUIET, free_tcp_port, speaking


@pytest.fixture(scope="module")
def _home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ROOMTONE_HOME", str(tmp_path_factory.mktemp("home")))
        yield


@pytest.fixture(scope="module")
def bridge(_home: None) -> Iterator[Bridge]:
    with speaking(replace(QUIET, oscquery="on", oscquery_port=free_tcp_port())) as (_, bridge, _):
        yield bridge


def get(bridge: Bridge, target: str) -> tuple[int, Any]:
    url = f"http://127.0.0.1:{bridge.status().oscquery_port}{target}"
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            body = answer.read()
            return answer.status, json.loads(body) if body else None
    except urllib.error.HTTPError as error:
        with error:
            return error.code, None


def test_every_address_of_the_table_is_a_node_of_the_tree() -> None:
    root = tree()
    for table, access in ((REQUESTS, 2), (ANSWERS, 1)):
        for row in table.values():
            node = find_node(root, row.path)
            assert node is not None
            assert (node["FULL_PATH"], node["TYPE"], node["ACCESS"]) == (row.path, row.tags, access)
            assert row.sentence in node["DESCRIPTION"]


def test_the_whole_tree_and_each_branch_are_told(bridge: Bridge) -> None:
    status, root = get(bridge, "/")
    assert status == 200
    assert root["CONTENTS"]["roomtone"]["CONTENTS"]["1"]["CONTENTS"]["render"]["TYPE"] == "ssfffsi"
    assert get(bridge, "/roomtone/1/library")[1]["CONTENTS"].keys() >= {"search", "get", "clip"}


def test_the_host_is_told_with_the_port_of_osc(bridge: Bridge) -> None:
    status, info = get(bridge, "/?HOST_INFO")
    assert status == 200
    assert (info["NAME"], info["OSC_PORT"], info["OSC_TRANSPORT"]) == (NAME, bridge.status().port, "UDP")


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/roomtone/1/ping?TYPE", 200),
        ("/roomtone/1/render?ACCESS", 200),
        ("/roomtone/1/render?VALUE", 204),
        ("/roomtone?TYPE", 204),
        ("/roomtone/1/render?NONSENSE", 400),
        ("/roomtone/1/nothing", 404),
        ("/../../etc/passwd", 404),
        ("/roomtone/1/render/CONTENTS", 404),
        ("/%00", 404),
    ],
)
def test_questions_are_answered_with_the_status_that_the_proposal_names(
    bridge: Bridge, target: str, status: int
) -> None:
    assert get(bridge, target)[0] == status


def test_nothing_can_be_changed_over_http(bridge: Bridge) -> None:
    url = f"http://127.0.0.1:{bridge.status().oscquery_port}/roomtone/1/cancel"
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(urllib.request.Request(url, data=b"all", method="POST"), timeout=10)
    with refused.value:
        assert refused.value.code == 501


def test_a_client_that_says_nothing_keeps_nobody_waiting(bridge: Bridge) -> None:
    with socket.create_connection(("127.0.0.1", bridge.status().oscquery_port)):
        assert get(bridge, "/?HOST_INFO")[0] == 200


def test_it_is_off_unless_asked_for_where_others_could_reach_it() -> None:
    open_to_all = BridgeSettings(host="0.0.0.0", open_to_network=True, port=0, mailbox=False)
    open_to_all = replace(open_to_all, tcp_slip_port=0, tcp_length_port=0, oscquery_port=free_tcp_port())
    with speaking(open_to_all) as (_, bridge, _):
        assert bridge.status().oscquery_port == 0


def test_it_is_found_by_its_name(bridge: Bridge) -> None:
    zeroconf = pytest.importorskip("zeroconf")
    browser = zeroconf.Zeroconf(interfaces=["127.0.0.1"])
    try:
        until_s = time.monotonic() + 15
        info = None
        while info is None and time.monotonic() < until_s:
            info = browser.get_service_info(SERVICES[0], f"{NAME}.{SERVICES[0]}", timeout=1_000)
        if info is None:
            pytest.skip("no multicast on the loopback interface here")
        assert info.port == bridge.status().oscquery_port
    finally:
        browser.close()
