"""From recordings to weights: the four training stages and the loop they share."""
