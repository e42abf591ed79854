from tests.stages.conftest import choose, dataset, prepared

__all__ = ["choose", "dataset", "prepared"]
