"""Progress and cancelling, at their smallest."""

from __future__ import annotations

import pytest

from engine.errors import Cancelled
from engine.reports import never, silent, stop_if


def test_work_that_nobody_took_back_goes_on() -> None:
    silent("denoising", 0.5)
    stop_if(never)


def test_work_that_was_taken_back_stops() -> None:
    with pytest.raises(Cancelled):
        stop_if(lambda: True)
