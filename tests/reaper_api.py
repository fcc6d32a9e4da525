"""What REAPER publishes of its functions, as far as scripts of our kind use them: names, arguments, results.

For each function its Lua form and its Python form, `RPR_` and the name. Lua gives several results where C has
out-parameters; Python takes a value for each out-parameter and gives all arguments back in a tuple. A call of
a name that is not here, or with other types, fails the test. Kinds: s text, i whole number, n number,
b truth, f function (in Python code), p project, t track, m item, k take, c source, a anything; ? optional.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Signature:
    """Kinds of the arguments and of the results, in Lua and in Python."""

    lua: str
    lua_results: str
    python: str
    python_results: str


def _same(arguments: str, results: str = "") -> Signature:
    """A function without out-parameters: alike in both languages."""
    return Signature(arguments, results, arguments, results)


API: dict[str, Signature] = {
    "APIExists": _same("s", "b"),
    "AddMediaItemToTrack": _same("t", "m"),
    "AddTakeToMediaItem": _same("m", "k"),
    "CountMediaItems": _same("p", "i"),
    "CountSelectedMediaItems": _same("p", "i"),
    "CountSelectedTracks": _same("p", "i"),
    "CountTracks": _same("p", "i"),
    "DeleteExtState": _same("ssb"),
    "EnumProjects": Signature("i", "ps", "isi", "pisi"),
    "EnumerateFiles": _same("si", "s"),
    "ExecProcess": _same("si", "s"),
    "GetActiveTake": _same("m", "k"),
    "GetCursorPosition": _same("", "n"),
    "GetCursorPositionEx": _same("p", "n"),
    "GetExtState": _same("ss", "s"),
    "GetMediaItem": _same("pi", "m"),
    "GetMediaItemInfo_Value": _same("ms", "n"),
    "GetMediaItemTake_Source": _same("k", "c"),
    "GetMediaSourceFileName": Signature("c", "s", "csi", "csi"),
    "GetOS": _same("", "s"),
    "GetPlayState": _same("", "i"),
    "GetProjectLength": _same("p", "n"),
    "GetResourcePath": _same("", "s"),
    "GetSelectedMediaItem": _same("pi", "m"),
    "GetSelectedTrack": _same("pi", "t"),
    "GetSetMediaItemTakeInfo_String": Signature("kssb", "bs", "kssb", "bkssb"),
    "GetSetMediaTrackInfo_String": Signature("tssb", "bs", "tssb", "btssb"),
    "GetSetProjectInfo": _same("psnb", "n"),
    "GetSet_LoopTimeRange": Signature("bbnnb", "nn", "bbnnb", "bbnnb"),
    "GetTrack": _same("pi", "t"),
    "GetUserInputs": Signature("siss", "bs", "sissi", "bsissi"),
    "HasExtState": _same("ss", "b"),
    "Help_Set": _same("sb"),
    "InsertMedia": _same("si", "i"),
    "InsertMediaSection": _same("sinnn", "i"),
    "InsertTrackAtIndex": _same("ib"),
    "Main_OnCommand": _same("ii"),
    "Master_GetTempo": _same("", "n"),
    "PreventUIRefresh": _same("i"),
    "RecursiveCreateDirectory": _same("si", "i"),
    "SelectProjectInstance": _same("p"),
    "SetEditCurPos": _same("nbb"),
    "SetEditCurPos2": _same("pnbb"),
    "SetExtState": _same("sssb"),
    "SetMediaItemInfo_Value": _same("msn", "b"),
    "SetMediaItemLength": _same("mnb", "b"),
    "SetMediaItemPosition": _same("mnb", "b"),
    "SetOnlyTrackSelected": _same("t"),
    "ShowConsoleMsg": _same("s"),
    "ShowMessageBox": _same("ssi", "i"),
    "TimeMap2_QNToTime": _same("pn", "n"),
    "TimeMap2_beatsToTime": Signature("pni?", "n", "pni", "npni"),
    "TimeMap2_timeToBeats": Signature("pn", "niini", "pniini", "npniini"),
    "TimeMap2_timeToQN": _same("pn", "n"),
    "TimeMap_GetTimeSigAtTime": Signature("pn", "iin", "pniin", "pniin"),
    "Undo_BeginBlock": _same(""),
    "Undo_BeginBlock2": _same("p"),
    "Undo_EndBlock": _same("si"),
    "Undo_EndBlock2": _same("psi"),
    "UpdateArrange": _same(""),
    "UpdateTimeline": _same(""),
    "ValidatePtr": _same("as", "b"),
    "ValidatePtr2": _same("pas", "b"),
    "atexit": _same("f"),
    "defer": _same("f"),
    "file_exists": _same("s", "b"),
    "time_precise": _same("", "n"),
}


def as_lua() -> str:
    """The Lua side of the table as Lua text: name = { arguments, results }."""
    rows = [f'["{name}"] = {{ "{row.lua}", "{row.lua_results}" }},' for name, row in API.items()]
    return "return {\n" + "\n".join(rows) + "\n}\n"
