"""What every room stands on: errors, files, artifact paths, params.yaml, runs, devices, caches."""
