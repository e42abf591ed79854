from tests.stages.conftest import choose, dataset

__all__ = ["choose", "dataset"]
