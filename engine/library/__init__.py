"""The sample library: every clip ever made, found again by its words, figures and labels.

The files carry everything; an index beside them makes the search quick and may be thrown away. This package
knows no model, no window and no OSC.
"""

from engine.labels import Labels
from engine.library.clip import Clip, Filters, Finding, Rescan
from engine.library.library import Library

__all__ = ["Clip", "Filters", "Finding", "Labels", "Library", "Rescan"]
