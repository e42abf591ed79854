"""Where the backbone lies and what is said of it there, known without importing a deep-learning framework."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from idealcat.base.errors import DataError

PATH = Path("data/backbone/backbone.keras")
DESCRIPTION = Path("data/backbone/backbone.json")


class BackboneDescription(BaseModel):
    """What fetch_backbone writes beside the backbone."""

    model_config = ConfigDict(frozen=True)

    name: str
    weights_sha256: str  # of the part that computes the features
    image_size: int  # pixels a side
    pooling: str
    feature_shape: tuple[int, ...]  # (channels,) pooled, or (height, width, channels)


def read_description(path: Path | str = DESCRIPTION) -> BackboneDescription:
    """The description of the backbone in use. Raises DataError where there is none."""
    try:
        return BackboneDescription.model_validate_json(Path(path).read_bytes())
    except FileNotFoundError:
        raise DataError(f"expected a file {path}, found none; the stage fetch_backbone writes it") from None
    except ValidationError as error:
        raise DataError(f"{path} is not what fetch_backbone writes: {error.errors()[0]['msg']}") from None
