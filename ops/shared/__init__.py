"""What every command around the pipeline builds on: git, children, the tracking store, the registry, results."""
