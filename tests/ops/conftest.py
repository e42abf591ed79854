from tests.stages.conftest import choose, dataset, prepared, trained

__all__ = ["choose", "dataset", "prepared", "trained"]
