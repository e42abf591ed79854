"""What is said of the backbone beside it, known without importing a deep-learning framework."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from idealcat.base.artifacts import BACKBONE_DESCRIPTION
from idealcat.base.errors import DataError
from idealcat.photos.pixels import Pixels, Resize


class BackboneDescription(BaseModel):
    """What fetch_backbone writes beside the backbone."""

    model_config = ConfigDict(frozen=True)

    name: str
    weights_sha256: str  # of the part that computes the features
    image_size: int  # pixels a side
    resize: Resize = "squash"
    pooling: str
    feature_shape: tuple[int, ...]  # (channels,) pooled, or (height, width, channels)

    @property
    def pixels(self) -> Pixels:
        """What the backbone takes."""
        return Pixels(self.image_size, self.resize)


def read_description(path: Path | str = BACKBONE_DESCRIPTION.path) -> BackboneDescription:
    """The description of the backbone in use. Raises DataError where there is none."""
    try:
        return BackboneDescription.model_validate_json(Path(path).read_bytes())
    except FileNotFoundError as error:
        raise BACKBONE_DESCRIPTION.absent("no such file", found=path) from error
    except ValidationError as error:
        raise DataError(f"{path} is not what fetch_backbone writes: {error.errors()[0]['msg']}") from error
