"""How little must change to fool a classifier."""
