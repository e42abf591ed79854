"""Where on a photo the classifier found its reasons: heat maps."""
