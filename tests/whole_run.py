"""The whole pipeline, stage after stage, in one process: `python -m tests.whole_run FOLDER PRESET`.

FOLDER is an empty one in which it runs, on 60 dark and bright photos; PRESET is the folder of a preset of KerasHub.
`KERAS_BACKEND` names the backend. What costs time is little: this shows that stages run, not what they find.
"""

import importlib
import os
import sys
from pathlib import Path

import numpy as np
import yaml
from PIL import Image

ROOT = Path(__file__).parent.parent
CHANGES: dict[str, dict[str, object]] = {
    "fetch_data": {"source": "directory", "path": "album"},
    "extract_features": {"batch_size": 16},
    "generate_ideal": {"steps": 4, "imagenet_classes": [], "judge": None, "max_classes": 2},
    "generate_adversarial": {"images": 4, "epsilons": [0, 8, 128], "pictures": 1},
}
FINE_TUNE = {"layers": 2, "epochs": 1}


def main(folder: Path, preset: Path) -> None:
    """Runs every stage in the order of dvc.yaml."""
    params = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    for section, values in CHANGES.items():
        params[section] |= values
    params["backbone"]["name"] = f"keras_hub:{preset}"
    params["train_classifier"]["fine_tune"] |= FINE_TUNE
    params["generate_adversarial"]["black_box"] = {"images": 2, "queries": 4}
    (folder / "params.yaml").write_text(yaml.safe_dump(params), encoding="utf-8")
    (folder / "corrections.csv").write_text("sha256,label,reason\n", encoding="utf-8")
    os.chdir(folder)
    draw(Path("album"))
    for stage in yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]:
        importlib.import_module(f"stages.{stage}").main()


def draw(album: Path) -> None:
    """Noise, dark in one class and bright in the other."""
    rng = np.random.default_rng(0)
    for number in range(60):
        pixels = rng.integers(0, 128, (40, 40, 3)) + 127 * (number % 2)
        path = album / ("dark", "bright")[number % 2] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels.astype("uint8")).save(path)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]).absolute())
