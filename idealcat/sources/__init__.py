"""Where labelled photos come from: a module a source."""
