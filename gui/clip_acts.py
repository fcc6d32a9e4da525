"""What can be done with takes, and in which order they are listed, as tables. It does nothing by itself."""

from __future__ import annotations

ACTS: tuple[tuple[str, str, str], ...] = (
    ("use_scene", "Use its scene", "Ctrl+U"),
    ("again", "Render again", ""),
    ("anew", "Render with another seed", "Ctrl+R"),
    ("variation", "Variation of this…", "Ctrl+Shift+R"),
    ("extend", "Extend…", "Ctrl+Shift+E"),
    ("inpaint", "Replace this part…", "Ctrl+Shift+I"),
    ("", "", ""),
    ("star", "Star", ""),
    ("unstar", "Take the star", ""),
    ("labels", "Tags and notes…", "Ctrl+T"),
    ("rename", "Rename…", "F2"),
    ("reject", "Reject", ""),
    ("accept", "Accept again", ""),
    ("", "", ""),
    ("send", "Send to DAW", "Ctrl+Shift+D"),
    ("copy", "Copy files", "Ctrl+C"),
    ("reveal", "Reveal in folder", ""),
    ("export", "Export…", ""),
    ("", "", ""),
    ("trash", "Move to trash", "Del"),
    ("restore", "Put back", ""),
)
"""Name, words, key; the key works while the list has the focus."""

KEYS = {name: key for name, _, key in ACTS if key}

QUICK = (
    ("send", "To DAW", "Send the chosen takes to the DAW (Ctrl+Shift+D in the list)."),
    ("labels", "Tags…", "Tags and notes of the chosen takes (Ctrl+T in the list)."),
    ("export", "Export…", "Write the chosen takes in another format, rate or loudness."),
)

ORDERS: tuple[tuple[str, str], ...] = (
    ("created-", "Newest first"),
    ("created+", "Oldest first"),
    ("prompt+", "By scene"),
    ("seconds+", "Shortest first"),
    ("seconds-", "Longest first"),
    ("bpm+", "By tempo"),
    ("category+", "By family"),
    ("starred-", "Starred first"),
    ("lufs-", "Loudest first"),
    ("model+", "By model"),
)
