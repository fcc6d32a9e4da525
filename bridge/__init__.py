"""The way into the DAW: OSC. It knows the studio and knows nothing of the panel."""
