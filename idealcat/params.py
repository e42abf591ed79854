"""params.yaml: what each key may hold, checked as a whole before any stage works."""

import difflib
import re
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from idealcat.errors import ParamsError
from idealcat.networks import NETWORKS, nearest_networks

PATH = Path("params.yaml")

Fraction = Annotated[float, Field(gt=0, lt=1)]
Rate = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=1)]
Initializer = Literal[
    "glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "lecun_normal", "orthogonal", "zeros"
]


class Section(BaseModel):
    """Refuses unknown keys and wrong types; every key must be there, so that params.yaml shows what was run."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def _not_an_address(path: str) -> str:
    if "://" in path:
        raise ValueError("must be a path on this machine; an address goes into fetch_data.archive.url")
    if path.startswith("~"):
        raise ValueError("must be absolute or in this repository; ~ is not expanded")
    if not path.strip():
        raise ValueError("must not be empty; the empty folder `photos` means none")
    return path


def _known_network(name: str) -> str:
    if name not in NETWORKS:
        near = nearest_networks(name)
        offer = f"did you mean {', '.join(near)}?" if near else f"known are {', '.join(NETWORKS)}"
        raise ValueError(f"unknown network; {offer}")
    return name


class Sketches(Section):
    per_class: Count


class OxfordPets(Section):
    labels: Literal["breed", "species"]


class Archive(Section):
    url: Annotated[str, Field(pattern=r"^https?://")] | None
    sha256: Annotated[str, Field(pattern=r"^[0-9a-fA-F]{64}$")] | None


class FetchData(Section):
    source: Literal["sketches", "cats_and_dogs", "oxford_pets", "directory", "archive"]
    path: Annotated[str, AfterValidator(_not_an_address)]
    sketches: Sketches
    oxford_pets: OxfordPets
    archive: Archive


class Preprocess(Section):
    validation_fraction: Fraction
    test_fraction: Fraction
    near_duplicate_distance: Annotated[int, Field(ge=0, le=64)]
    max_pixels: Count

    @model_validator(mode="after")
    def _something_to_train_on(self) -> "Preprocess":
        if self.validation_fraction + self.test_fraction >= 1:
            raise ValueError("validation_fraction + test_fraction must leave photos to train on (sum below 1)")
        return self


class Backbone(Section):
    name: Annotated[str, AfterValidator(_known_network)]
    weights: Annotated[str, Field(min_length=1)]
    image_size: Annotated[int, Field(ge=32, le=2048)] | None
    pooling: Literal["avg", "max", "none"]


class Ray(Section):
    address: Annotated[str, Field(min_length=1)] | None
    actors: Count | None
    cpus_per_actor: Count
    gpus_per_actor: Annotated[float, Field(ge=0, allow_inf_nan=False)]


class ExtractFeatures(Section):
    engine: Literal["auto", "keras", "litert", "mnn", "ray"]
    batch_size: Annotated[int, Field(ge=1, le=4096)]
    ray: Ray


class FineTune(Section):
    layers: Annotated[int, Field(ge=0)]
    learning_rate: Rate
    epochs: Count
    patience: Count
    batch_size: Count
    horizontal_flip: bool


class TrainClassifier(Section):
    hidden_units: list[Count]
    activation: Literal["relu", "gelu", "silu", "tanh"]
    initializer: Initializer
    output_initializer: Initializer
    batch_normalization: bool
    dropout: Annotated[float, Field(ge=0, lt=1)]
    weight_decay: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    label_smoothing: Annotated[float, Field(ge=0, lt=1)]
    class_weight: Literal["none", "balanced"]
    optimizer: Literal["sgd", "adam", "adamw", "rmsprop", "adagrad"]
    momentum: Annotated[float, Field(ge=0, lt=1)]
    learning_rate: Rate
    schedule: Literal["constant", "exponential", "cosine", "plateau"]
    schedule_decay: Fraction
    schedule_patience: Count
    clip_norm: Rate | None
    batch_size: Count
    epochs: Count
    patience: Count
    members: Annotated[int, Field(ge=1, le=32)]
    temperature_scaling: bool
    fine_tune: FineTune


class Evaluate(Section):
    bootstrap_samples: Annotated[int, Field(ge=100, le=100_000)]
    calibration_bins: Annotated[int, Field(ge=2, le=100)]


class GenerateIdeal(Section):
    classes: list[str] | None
    imagenet_classes: list[str | int]
    steps: Count
    learning_rate: Rate
    start: str | None
    judge: Annotated[str, AfterValidator(_known_network)] | None


def _rising_from_zero(epsilons: list[float]) -> list[float]:
    if epsilons[0] != 0 or any(high <= low for low, high in pairwise(epsilons)):
        raise ValueError("must begin with 0 and rise: the curve starts at clean accuracy")
    return epsilons


Epsilon = Annotated[float, Field(ge=0, le=255, allow_inf_nan=False, strict=False)]


class BlackBox(Section):
    images: Count
    queries: Count


class GenerateAdversarial(Section):
    images: Count
    epsilons: Annotated[list[Epsilon], Field(min_length=2), AfterValidator(_rising_from_zero)]
    steps: Count
    restarts: Count
    minimal_steps: Annotated[int, Field(ge=2)]
    black_box: BlackBox
    pictures: Annotated[int, Field(ge=0)]
    transfer: Annotated[str, AfterValidator(_not_an_address)] | None


class Margins(Section):
    accuracy: Fraction
    robustness: Fraction


class Review(Section):
    margins: Margins


class Params(Section):
    seed: Annotated[int, Field(ge=0, lt=2**32)]
    fetch_data: FetchData
    preprocess: Preprocess
    backbone: Backbone
    extract_features: ExtractFeatures
    train_classifier: TrainClassifier
    evaluate: Evaluate
    generate_ideal: GenerateIdeal
    generate_adversarial: GenerateAdversarial
    review: Review


def load_params(path: Path | str = PATH) -> Params:
    """Reads and checks the whole of params.yaml.

    Raises:
        ParamsError: the file is missing, is not YAML, or has faults; the message lists every fault.
    """
    try:
        content = parse_yaml(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ParamsError(f"expected a file {path}, found none; run from the repository's root") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ParamsError(f"{path} is not YAML: {error}") from None
    return parse_params(content, name=str(path))


def parse_yaml(text: str | bytes) -> Any:
    """YAML as DVC reads and writes it. Raises yaml.YAMLError."""
    return yaml.load(text, _Loader)


def parse_params(content: Any, name: str = "params.yaml") -> Params:
    """Checks parsed YAML. Raises ParamsError with every fault, one a line."""
    try:
        return Params.model_validate(content)
    except ValidationError as error:
        faults = [_fault(detail) for detail in error.errors()]
        raise ParamsError(f"{len(faults)} fault{'s'[: len(faults) > 1]} in {name}:\n  " + "\n  ".join(faults)) from None


def _fault(detail: Any) -> str:
    key = ".".join(str(part) for part in detail["loc"]) or "the file"
    if detail["type"] == "extra_forbidden":
        return f"{key}: unknown key{_nearest(detail['loc'])}"
    if detail["type"] == "missing":
        return f"{key}: missing"
    message = re.sub(r"^(Input|String) should", "should", detail["msg"]).removeprefix("Value error, ")
    received = detail["input"]
    return f"{key}: {message}; received {received!r}" if not isinstance(received, dict) else f"{key}: {message}"


def _nearest(location: tuple[str | int, ...]) -> str:
    model: Any = Params
    for part in location[:-1]:
        model = model.model_fields[str(part)].annotation
    near = difflib.get_close_matches(str(location[-1]), model.model_fields, n=1)
    return f"; did you mean {near[0]}?" if near else ""


class _Loader(yaml.SafeLoader):
    """YAML 1.2 floats: DVC writes 1e-05, which PyYAML's YAML 1.1 would read as text."""


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?(\d+\.?\d*|\.\d+)[eE][-+]?\d+$"),
    list("-+0123456789."),
)

if __name__ == "__main__":
    import sys

    try:
        chosen = load_params().fetch_data
    except ParamsError as error:
        sys.exit(str(error))
    if not Path(chosen.path).exists():  # DVC would only say that there is no such file
        sys.exit(f"fetch_data.path: expected a folder or an archive, found nothing at {chosen.path}")
