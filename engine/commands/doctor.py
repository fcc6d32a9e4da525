"""`roomtone doctor`: looks at the installation, says what is missing and how to get it.

Exit code 1 when nothing can be rendered; a missing sound card or window library is told, but no failure.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
from collections.abc import Callable, Iterable, Iterator

from engine.commands import checks, probes
from engine.commands.console import Console
from engine.commands.findings import Finding

CHECKS: dict[str, Callable[[], Iterator[Finding]]] = {
    "machine": checks.machine,
    "packages": checks.packages,
    "devices": probes.devices,
    "sound files": probes.sound_files,
    "settings": checks.settings,
    "folders": checks.places,
    "models": checks.models,
    "OSC port": checks.port,
    "audio devices": probes.audio_devices,
    "panel": probes.panel,
}


def run(arguments: argparse.Namespace, _session: object) -> int:
    """Run every check and print what it found, in the order of the table."""
    return report(_all(Console(quiet=arguments.json)), arguments.json)


def report(findings: Iterable[Finding], as_json: bool) -> int:
    """Print the findings as they come, or as one JSON object; 1 when one of them forbids rendering."""
    told = []
    for finding in findings:
        told.append(finding)
        if not as_json:
            print(_line(finding), flush=True)
    able = all(finding.state != "fail" for finding in told)
    if as_json:
        rows = [dataclasses.asdict(finding) for finding in told]
        print(json.dumps({"can_render": able, "findings": rows}, ensure_ascii=False))
    else:
        print("Ready to render." if able else "Nothing can be rendered until each 'fail' is mended.")
    return 0 if able else 1


def _all(console: Console) -> Iterator[Finding]:
    for name, check in CHECKS.items():
        if check.__module__ == probes.__name__:
            console.say(f"  looking at {name} ...")
        yield from check()


def _line(finding: Finding) -> str:
    line = f"{finding.state:4}  {finding.subject}: {finding.says}"
    return f"{line}\n      {finding.remedy}" if finding.remedy else line
