"""A small true REAPER for one Python script, in a process of its own: python reaper_stub.py SCENARIO SCRIPT

Its functions are those of the published table, with the types of their C forms; unknown names and wrong types
raise. The scenario is JSON; what happened is printed as JSON at the end. Runs on Python 3.7 and newer.
"""

from __future__ import annotations

import json
import re
import sys
import time
from pathlib import Path
from typing import Any


class Reaper:
    """The project and the user: what the functions read and change."""

    def __init__(self, scenario: dict[str, Any], api: dict[str, list[str]]) -> None:
        self.scenario, self.api = scenario, api
        self.cursor = float(scenario.get("cursor", 8.0))
        self.items: list[dict[str, Any]] = []
        self.selected_track = scenario.get("selected_track")
        self.ext: dict[str, str] = {}
        self.calls: list[str] = []
        self.messages: list[str] = []
        self.helps: list[str] = []
        self.undo: list[str] = []
        self.deferred = self.leaving = ""
        self.refresh = self.turns = 0

    def function(self, name: str) -> Any:
        kinds, _ = self.api[name]
        act = getattr(self, name)

        def checked(*values: Any) -> Any:
            self.calls.append(name)
            if len(values) != len(kinds):
                raise TypeError(f"RPR_{name} takes {len(kinds)} arguments, not {len(values)}")
            for kind, value in zip(kinds, values):
                if not fits(kind, value):
                    raise TypeError(f"RPR_{name}: {value!r} is not of kind {kind}")
            return act(*values)

        return checked

    def bar(self, number: int) -> tuple[int, int, float, float]:
        found = (4, 4, 120.0)
        for change in self.scenario["tempo"]:
            if change["bar"] <= number:
                found = (change["num"], change["den"], change["bpm"])
        return (*found, found[0] * 4 / found[1] * 60 / found[2])

    def bar_at(self, at: float) -> tuple[int, float]:
        number = 0
        while at >= self.bar(number)[3] - 1e-9:
            at, number = at - self.bar(number)[3], number + 1
        return number, max(at, 0.0)

    def pointer(self, kind: str, number: int) -> str:
        return f"({kind}*)0x{number + 1:016X}"

    def GetCursorPosition(self) -> float:
        return self.cursor

    def SetEditCurPos(self, at: float, _move: int, _seek: int) -> None:
        self.cursor = at

    def GetSet_LoopTimeRange(self, is_set: int, is_loop: int, *rest: Any) -> tuple[Any, ...]:
        return is_set, is_loop, self.scenario.get("from", 0.0), self.scenario.get("to", 0.0), rest[2]

    def GetExtState(self, section: str, key: str) -> str:
        return self.ext.get(f"{section}.{key}", "")

    def SetExtState(self, section: str, key: str, value: str, _keep: int) -> None:
        self.ext[f"{section}.{key}"] = value

    def GetUserInputs(self, title: str, count: int, captions: str, before: str, size: int) -> tuple[Any, ...]:
        found = re.search("separator=(.)", captions)
        assert len(before.split(found.group(1) if found else ",")) == count
        typed = self.scenario.get("typed")
        return int(typed is not None), title, count, captions, typed or before, size

    def TimeMap2_timeToBeats(self, project: Any, at: float, *_: Any) -> tuple[Any, ...]:
        number, into = self.bar_at(at)
        numerator, denominator, bpm, _seconds = self.bar(number)
        return into * bpm / 60 * denominator / 4, project, at, number, numerator, 0.0, denominator

    def TimeMap2_beatsToTime(self, project: Any, beats: float, number: int) -> tuple[Any, ...]:
        _, denominator, bpm, _seconds = self.bar(number)
        start = sum(self.bar(earlier)[3] for earlier in range(number))
        return start + beats * 4 / denominator * 60 / bpm, project, beats, number

    def TimeMap_GetTimeSigAtTime(self, project: Any, at: float, *_: Any) -> tuple[Any, ...]:
        return (project, at, *self.bar(self.bar_at(at)[0])[:3])

    def GetSetProjectInfo(self, _project: Any, key: str, _value: float, _is_set: int) -> float:
        return {"PROJECT_SRATE_USE": 1.0, "PROJECT_SRATE": 48_000.0}[key]

    def EnumProjects(self, index: int, name: str, size: int) -> tuple[Any, ...]:
        elsewhere = self.scenario.get("other_project") and 0 < self.turns < 10
        return self.pointer("ReaProject", int(bool(elsewhere))), index, name, size

    def CountSelectedTracks(self, _project: Any) -> int:
        return int(self.selected_track is not None)

    def GetSelectedTrack(self, _project: Any, _index: int) -> str:
        return self.pointer("MediaTrack", self.selected_track)

    def ValidatePtr2(self, _project: Any, _pointer: Any, _kind: str) -> int:
        return 1

    def SetOnlyTrackSelected(self, track: str) -> None:
        assert track == self.pointer("MediaTrack", self.selected_track)

    def InsertMedia(self, path: str, mode: int) -> int:
        if not self.scenario.get("refuses_media"):
            selected = not self.scenario.get("selects_nothing")
            self.items.append(
                {
                    "path": path,
                    "mode": mode,
                    "at": self.cursor,
                    "length": 0.0,
                    "name": path,
                    "selected": selected,
                }
            )
        self.cursor += 1
        return 1

    def CountMediaItems(self, _project: Any) -> int:
        return len(self.items)

    def CountSelectedMediaItems(self, _project: Any) -> int:
        return sum(item["selected"] for item in self.items)

    def GetMediaItem(self, _project: Any, index: int) -> str:
        return self.pointer("MediaItem", index)

    def GetSelectedMediaItem(self, _project: Any, index: int) -> str:
        return self.pointer("MediaItem", [n for n, item in enumerate(self.items) if item["selected"]][index])

    def GetActiveTake(self, item: str) -> str:
        return item.replace("MediaItem*", "MediaItem_Take*")

    def GetMediaItemTake_Source(self, take: str) -> str:
        return take.replace("MediaItem_Take*", "PCM_source*")

    def GetMediaSourceFileName(self, source: str, _name: str, size: int) -> tuple[Any, ...]:
        return source, self._item(source)["path"], size

    def SetMediaItemInfo_Value(self, item: str, key: str, value: float) -> int:
        self._item(item)[{"D_POSITION": "at", "D_LENGTH": "length"}[key]] = value
        return 1

    def GetSetMediaItemTakeInfo_String(self, take: str, key: str, value: str, new: int) -> tuple[Any, ...]:
        assert key == "P_NAME"
        self._item(take)["name"] = value
        return 1, take, key, value, new

    def Undo_BeginBlock(self) -> None:
        self.undo.append("")

    def Undo_EndBlock(self, name: str, _flags: int) -> None:
        assert self.undo[-1] == ""
        self.undo[-1] = name

    def PreventUIRefresh(self, step: int) -> None:
        self.refresh += step

    def UpdateArrange(self) -> None:
        assert self.refresh == 0

    def Help_Set(self, text: str, _temporary: int) -> None:
        self.helps.append(text)

    def ShowMessageBox(self, text: str, _title: str, kind: int) -> int:
        self.messages.append(text)
        if kind == 5:
            return 4 if self.scenario.get("retries", 0) >= len(self.messages) else 2
        return 1

    def defer(self, code: str) -> None:
        self.deferred = code

    def atexit(self, code: str) -> None:
        self.leaving = code

    def _item(self, pointer: str) -> dict[str, Any]:
        return self.items[int(pointer.partition("0x")[2], 16) - 1]


class Published(dict):  # type: ignore[type-arg]
    """The names that a script sees: its own, and REAPER's."""

    def __init__(self, reaper: Reaper) -> None:
        super().__init__(
            {f"RPR_{name}": reaper.function(name) for name in reaper.api if hasattr(reaper, name)}
        )


def fits(kind: str, value: Any) -> bool:
    pointers = {
        "t": "MediaTrack",
        "m": "MediaItem",
        "k": "MediaItem_Take",
        "c": "PCM_source",
        "p": "ReaProject",
    }
    if kind in pointers:
        return (kind == "p" and value == 0) or str(value).startswith(f"({pointers[kind]}*)0x")
    if kind == "n":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    kinds: dict[str, Any] = {"s": str, "i": int, "b": (bool, int), "f": str, "a": object}
    return isinstance(value, kinds[kind]) and not (kind == "i" and isinstance(value, bool))


def main(scenario: dict[str, Any], script: Path) -> None:
    reaper = Reaper(scenario, scenario["api"])
    names = Published(reaper)
    exec(compile(script.read_text(encoding="utf-8"), str(script), "exec"), names)
    slowest, finish = 0.0, time.monotonic() + 20
    while reaper.deferred and time.monotonic() < finish:
        code, reaper.deferred = reaper.deferred, ""
        time.sleep(0.03)
        reaper.turns += 1
        start = time.process_time()
        exec(code, names)
        slowest = max(slowest, time.process_time() - start)
    if reaper.leaving:
        exec(reaper.leaving, names)
    names_of_outcome = ("items", "messages", "helps", "undo", "cursor", "refresh", "deferred", "calls")
    outcome = {name: getattr(reaper, name) for name in names_of_outcome}
    print(json.dumps({**outcome, "slowest": slowest}))


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")), Path(sys.argv[2]))
