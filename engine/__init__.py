"""The engine of Roomtone: from a scene to a finished take. It knows no window and no OSC address."""

from __future__ import annotations

__version__ = "0.1.0"
