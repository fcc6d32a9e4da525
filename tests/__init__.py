"""The tests mirror the source: tests/test_<module>.py, one sentence a test."""
