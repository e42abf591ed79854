"""Around the pipeline: what people and schedules run on its results."""
