"""The model card (Mitchell et al., 2019), in the format of Hugging Face: README.md with metadata at its head."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from idealcat.export.formats.registry import FORMATS
from idealcat.photos.pixels import Pixels

TEMPLATES = Path(__file__).parent / "templates"

# Licences of ImageNet weights, by the beginning of the network's name; of others it is not known here.
LICENCES = {"efficientnet_lite": ("apache-2.0", "Apache 2.0 (Google's EfficientNet-Lite weights)")}
UNKNOWN = ("other", "see https://keras.io/api/applications for where these weights come from")

# What becomes of a photo that is no square.
SHAPES = {
    "squash": "the aspect ratio is not kept",
    "pad": "the aspect ratio is kept, between grey bars",
    "crop": "the aspect ratio is kept, and the central square",
}


def card(
    *,
    labels: Sequence[str],
    scores: Mapping[str, Any],
    data: Mapping[str, Any],
    params: Mapping[str, Any],
    written: Mapping[str, Mapping[str, Any]],
    pixels: Pixels,
    coverage: float | None,
) -> str:
    """The text. `written` are the entries of metrics/export.json by format, `pixels` the network's input.

    `coverage` is what the sets of limits.json promise; None: there are none.
    """
    backbone = params["backbone"]
    if backbone["weights"] == "pretrained":
        identifier, licence = next(
            (found for name, found in LICENCES.items() if backbone["name"].startswith(name)), UNKNOWN
        )
    else:
        identifier, licence = "other", "of the weights that were given"
    accuracy = scores["accuracy"]
    kept = [name for name, entry in written.items() if entry["written"]]
    metadata = {
        "license": identifier,
        "pipeline_tag": "image-classification",
        "tags": ["image-classification", "transfer-learning", *kept],
        "model-index": [
            {
                "name": "idealcat",
                "results": [
                    {
                        "task": {"type": "image-classification"},
                        "dataset": {"name": f"test split of {params['fetch_data']['source']}", "type": "imagefolder"},
                        "metrics": [{"type": "accuracy", "value": accuracy["value"]}],
                    }
                ],
            }
        ],
    }
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, trim_blocks=True, keep_trailing_newline=True
    )
    environment.filters |= {"code": code, "three": three}
    return environment.get_template("card.md.j2").render(
        metadata=yaml.safe_dump(metadata, sort_keys=False, allow_unicode=True),
        labels=labels,
        scores=scores,
        data=data,
        source=params["fetch_data"]["source"],
        backbone=backbone,
        licence=licence,
        size=pixels.size,
        shape=SHAPES[pixels.resize],
        coverage=coverage,
        formats=[(FORMATS[name], FORMATS[name].code_for(pixels), written[name]) for name in kept],
        refused=[(FORMATS[name], entry) for name, entry in written.items() if not entry["written"]],
    )


def code(text: object) -> str:
    """A label as a code span on one line; backticks in it can't end the span."""
    shown = "".join(character if character.isprintable() else " " for character in str(text)).replace("`", "'")
    return f"`{shown}`"


def three(value: float | None) -> str:
    """A number with three decimals; a dash where there is none, as of an interval of too few photos."""
    return "–" if value is None else f"{value:.3f}"
