"""Ambience out of formulas: recordings of our own making, for scenes with few others."""
