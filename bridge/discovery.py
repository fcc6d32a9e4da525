"""OSCQuery: the table over HTTP as JSON, and its announcement, so that hosts find the bridge by name.

It answers questions only: nothing can be set or rendered here. After the OSCQuery proposal of Vidvox
(attributes FULL_PATH, CONTENTS, TYPE, ACCESS, DESCRIPTION; HOST_INFO; statuses 204, 400, 404). It knows no
studio.
"""

from __future__ import annotations

import contextlib
import http.server
import ipaddress
import json
import socket
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote, urlsplit

from bridge.addresses import ANSWERS, REQUESTS, Address
from engine.errors import EngineError

NAME = "Roomtone"
SERVICES = ("_oscjson._tcp.local.", "_osc._udp.local.")
ATTRIBUTES = ("FULL_PATH", "CONTENTS", "TYPE", "ACCESS", "DESCRIPTION")
NO_VALUE, READ, WRITE = 0, 1, 2
PATIENCE_SECONDS = 5.0

Node = dict[str, Any]


@dataclass(frozen=True)
class Place:
    """Where the bridge itself listens, as HOST_INFO tells it."""

    host: str
    udp_port: int


def tree() -> Node:
    """The whole table as the root node."""
    root = _node("/", "Roomtone's OSC bridge")
    for access, table in ((WRITE, REQUESTS), (READ, ANSWERS)):
        for address in table.values():
            _node_at(root, address.path).update(_method(address, access))
    return root


def find_node(root: Node, path: str) -> Node | None:
    """The node at a path; None when there is none."""
    node: Node | None = root
    for step in path.strip("/").split("/") if path.strip("/") else []:
        node = (node or {}).get("CONTENTS", {}).get(step)
    return node


def host_info(place: Place) -> Node:
    """The answer to ?HOST_INFO."""
    extensions = {"ACCESS": True, "DESCRIPTION": True, "TYPE": True, "VALUE": False, "LISTEN": False}
    return {
        "NAME": NAME,
        "OSC_IP": place.host,
        "OSC_PORT": place.udp_port,
        "OSC_TRANSPORT": "UDP",
        "EXTENSIONS": extensions,
    }


def respond(target: str, root: Node, place: Place) -> tuple[HTTPStatus, Node | None]:
    """What a GET of `target`, path and query, is answered."""
    parts = urlsplit(target)
    if parts.query == "HOST_INFO":
        return HTTPStatus.OK, host_info(place)
    node = find_node(root, unquote(parts.path))
    if node is None:
        return HTTPStatus.NOT_FOUND, None
    if not parts.query:
        return HTTPStatus.OK, node
    if parts.query not in (*ATTRIBUTES, "VALUE"):
        return HTTPStatus.BAD_REQUEST, None
    if parts.query not in node:
        return HTTPStatus.NO_CONTENT, None
    return HTTPStatus.OK, {parts.query: node[parts.query]}


class Discovery:
    """The HTTP server and the announcement. Started when made; Raises EngineError when its port is taken."""

    def __init__(self, host: str, port: int, udp_port: int) -> None:
        place, root = Place(host, udp_port), tree()

        class Answering(_Answering):
            def answered(self) -> tuple[HTTPStatus, Node | None]:
                return respond(self.path, root, place)

        try:
            self._server = _server_class(host)((host, port), Answering)
        except OSError as error:
            raise EngineError(
                f"OSCQuery cannot listen on port {port} ({error.strerror or error})."
            ) from error
        self._udp_port = udp_port
        self._ended = threading.Event()
        self._threads = [
            threading.Thread(target=self._server.serve_forever, args=(0.1,), name="oscquery", daemon=True),
            threading.Thread(target=self._announce, args=(host,), name="oscquery announcement", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    @property
    def port(self) -> int:
        """The TCP port of HTTP."""
        return int(self._server.server_address[1])

    def close(self) -> None:
        """End both; the announcement is taken back."""
        self._ended.set()
        self._server.shutdown()
        for thread in self._threads:
            thread.join()
        self._server.server_close()

    def _announce(self, host: str) -> None:
        from zeroconf import Error, InterfaceChoice, ServiceInfo, Zeroconf

        address = ipaddress.ip_address(host)
        interfaces = InterfaceChoice.Default if address.is_unspecified else [host]
        # No multicast on this interface is no reason to be without a bridge: the port is known all the same.
        with contextlib.suppress(OSError, Error):
            zeroconf = Zeroconf(interfaces=interfaces)
            try:
                for service, port in zip(SERVICES, (self.port, self._udp_port)):
                    shown = None if address.is_unspecified else [host]
                    info = ServiceInfo(service, f"{NAME}.{service}", port, parsed_addresses=shown)
                    zeroconf.register_service(info, allow_name_change=True)
                self._ended.wait()
            finally:
                zeroconf.close()


class _Answering(http.server.BaseHTTPRequestHandler):
    """One HTTP connection."""

    timeout = PATIENCE_SECONDS
    server_version = NAME
    sys_version = ""

    def answered(self) -> tuple[HTTPStatus, Node | None]:
        raise AssertionError("each server says what it answers")

    def do_GET(self) -> None:
        """Answer a question of OSCQuery."""
        status, node = self.answered()
        body = b"" if node is None else json.dumps(node, ensure_ascii=False).encode()
        self.send_response(status)
        if status != HTTPStatus.NO_CONTENT:
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the status of the bridge tells what is worth telling."""


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that has gone is no error of ours."""


class _Server6(_Server):
    address_family = socket.AF_INET6


def _server_class(host: str) -> type[_Server]:
    return _Server6 if ":" in host else _Server


def _node(path: str, description: str = "") -> Node:
    node: Node = {"FULL_PATH": path, "ACCESS": NO_VALUE, "CONTENTS": {}}
    return {**node, "DESCRIPTION": description} if description else node


def _node_at(root: Node, path: str) -> Node:
    node = root
    for step in path.strip("/").split("/"):
        below = f"{node['FULL_PATH'].rstrip('/')}/{step}"
        contents = node.setdefault("CONTENTS", {})
        node = contents.setdefault(step, _node(below))
    return node


def _method(address: Address, access: int) -> Mapping[str, Any]:
    sentence = (
        f"{address.usage.partition(' ')[2]}: {address.sentence}" if address.arguments else address.sentence
    )
    return {"TYPE": address.tags, "ACCESS": access, "DESCRIPTION": sentence}
