"""The log file, for the commands; it lives in engine/logs.py, since the worker writes to it too."""

from engine.logs import KEPT_FILES, MAX_BYTES, keep, log_file

__all__ = ["KEPT_FILES", "MAX_BYTES", "keep", "log_file"]
