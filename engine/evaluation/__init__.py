"""Measuring a model against real clips: what the models' cards quote comes from here. Knows no front end."""
