"""The panel. It knows the studio and knows nothing of the bridge."""
