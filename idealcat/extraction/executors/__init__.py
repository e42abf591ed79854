"""Where an engine runs: on this machine, or on a cluster."""
