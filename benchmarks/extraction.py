"""Bottleneck features a second: this pipeline from files to Parquet, beside Keras, ONNX Runtime and OpenVINO.

python -m benchmarks.extraction FOLDER [--photos 256] [--rounds 3] [--networks ...] [--scales 250 2500 25000]

FOLDER holds photos, in class folders or not. Contenders alternate in one process each round; the peers start from
decoded arrays, the pipeline from files. ONNX Runtime and OpenVINO run where requirements-bench.txt is installed.
"""

import argparse
import hashlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import cycle, islice
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from benchmarks.results import machine, write_section
from idealcat import backbone_files, backbones
from idealcat.backend import device_class, keras
from idealcat.engine_choice import choose
from idealcat.engines import Photo
from idealcat.extraction import fill
from idealcat.features import PATH as FEATURES
from idealcat.files import read_json
from idealcat.manifest import write_manifest
from idealcat.model_file import save_model
from idealcat.params import ExtractFeatures, Ray
from idealcat.photos import read_photos

NETWORKS = ("efficientnet_lite0", "mobilenet_v2", "resnet50", "vgg16")
SETTINGS = ExtractFeatures(
    engine="auto", batch_size=32, ray=Ray(address=None, actors=None, cpus_per_actor=1, gpus_per_actor=0.0)
)
BATCH = 32  # photos, of the peers
Contender = Callable[[], None]


def main() -> None:
    """Measures, prints the tables and writes them to benchmarks/RESULTS.md."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--photos", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--networks", nargs="*", default=NETWORKS)
    parser.add_argument("--scales", nargs="*", type=int, default=[250, 2500, 25000])
    chosen = parser.parse_args()
    files = sorted(path for path in chosen.folder.absolute().rglob("*") if path.suffix.lower() in (".jpg", ".png"))
    results = Path("benchmarks/RESULTS.md").absolute()
    root = str(Path.cwd())
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        about = machine("tensorflow", "keras", "ai-edge-litert")
        if chosen.networks:
            table = speeds(files[: chosen.photos], chosen.networks, chosen.rounds)
            counts = f"{chosen.photos} photos, {chosen.rounds} rounds."
            show("Extraction: photos a second", f"{about} {counts}\n\n{table}", results)
        if chosen.scales:
            table = scales(files, chosen.scales, root)
            show("Extraction: seconds and memory", f"{about} efficientnet_lite0, photos of 200 px.\n\n{table}", results)
        if device_class() == "cpu":
            show("Extraction: accelerator", "Not measured: no accelerator was there.", results)


def show(title: str, body: str, path: Path) -> None:
    """Prints a section and keeps it."""
    print(f"\n## {title}\n\n{body}", flush=True)
    write_section(title, body, path)


def speeds(files: list[Path], networks: list[str], rounds: int) -> str:
    """A Markdown table: photos a second of each network and contender, and ratios of the medians."""
    photos = sorted(
        (Photo(str(path), hashlib.sha256(path.read_bytes()).hexdigest()) for path in files), key=lambda photo: photo[1]
    )
    rows = []
    for name in networks:
        contenders = build(name, photos)
        rates: dict[str, list[float]] = {kind: [] for kind in contenders}
        for _ in range(rounds):
            for kind, run in contenders.items():
                start = time.perf_counter()
                run()
                rates[kind].append(len(photos) / (time.perf_counter() - start))
        median = {kind: statistics.median(values) for kind, values in rates.items()}
        peers = [median[kind] for kind in ("ONNX Runtime", "OpenVINO") if kind in median]
        rows.append(
            {"network": name}
            | {kind: f"{median[kind]:.1f} [{min(values):.1f}-{max(values):.1f}]" for kind, values in rates.items()}
            | {"pipeline / predict": f"{median['pipeline'] / median['predict']:.1f}"}
            | {"pipeline / best peer": f"{median['pipeline'] / max(peers):.2f}" if peers else "not measured"}
        )
    return markdown(rows)


def build(name: str, photos: list[Photo]) -> dict[str, Contender]:
    """The contenders, each warmed up, for one network."""
    weights = "pretrained" if name.startswith("efficientnet_lite") else "random"
    keras.utils.set_random_seed(0)
    backbone = backbones.build_backbone(name, weights=weights, image_size=None, pooling="avg")
    features = backbones.features_model(backbone)
    save_model(backbone, backbone_files.PATH)
    description = backbone_files.BackboneDescription(
        name=name,
        weights_sha256=backbones.weights_sha256(backbone),
        image_size=backbone.input_shape[1],
        pooling="avg",
        feature_shape=features.output_shape[1:],
    )
    size = backbone.input_shape[1]
    decoded = read_photos([photo.path for photo in photos], size=size).astype("float32")
    os.environ["IDEALCAT_CACHE"] = str(Path("cache").absolute())

    def pipeline() -> None:
        for shard in Path("cache").rglob("*.shard"):
            shard.unlink()
        fill(choose(SETTINGS, description, photos), photos, SETTINGS)

    contenders: dict[str, Contender] = {
        "predict": lambda: features.predict(decoded, batch_size=BATCH, verbose=0),
        "pipeline": pipeline,
        **onnx_runtime(features, decoded),
        **openvino(features, decoded),
    }
    for run in contenders.values():
        run()
    return contenders


def onnx_runtime(features: keras.Model, decoded: np.ndarray) -> dict[str, Contender]:
    """ONNX Runtime on decoded arrays, where it and its converter are installed."""
    try:
        import onnxruntime  # noqa: PLC0415 optional
        import tf2onnx  # noqa: F401, PLC0415 what Keras exports with
    except ImportError:
        return {}
    features.export("network.onnx", format="onnx", verbose=False)
    session = onnxruntime.InferenceSession("network.onnx", providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return {"ONNX Runtime": lambda: [session.run(None, {name: part}) for part in batches(decoded)]}


def openvino(features: keras.Model, decoded: np.ndarray) -> dict[str, Contender]:
    """OpenVINO on decoded arrays, where it is installed."""
    try:
        import openvino as ov  # noqa: PLC0415 optional
    except ImportError:
        return {}
    features.export("network", format="tf_saved_model", verbose=False)
    model = ov.convert_model("network", input=[BATCH, *decoded.shape[1:]])
    network = ov.compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    return {"OpenVINO": lambda: [network(part) for part in batches(decoded)]}


def batches(decoded: np.ndarray) -> list[np.ndarray]:
    """Whole batches of BATCH; the last is filled with the first photos again."""
    count = -(-len(decoded) // BATCH) * BATCH
    filled = np.resize(decoded, (count, *decoded.shape[1:]))
    return [filled[at : at + BATCH] for at in range(0, count, BATCH)]


def scales(files: list[Path], counts: list[int], root: str) -> str:
    """A Markdown table: the stage in a process of its own on so many photos, then with 1 % more, then unchanged."""
    rows = []
    for count in counts:
        workspace = Path(f"scale-{count}")
        workspace.mkdir()
        shutil.copy(Path(root) / "params.yaml", workspace)
        environment = os.environ | {"PYTHONPATH": root, "IDEALCAT_CACHE": str(workspace.absolute() / "cache")}
        more = count + max(1, count // 100)
        manifest = crops(files, more, workspace)
        stage(workspace, environment, "fetch_backbone")
        row = {"photos": count}
        for title, part in (("cold", manifest[:count]), ("+ 1 %", manifest), ("unchanged", manifest)):
            write_manifest(part, workspace / "data" / "manifest.csv")
            start = time.perf_counter()
            stage(workspace, environment, "extract_features")
            row[f"{title}: seconds"] = f"{time.perf_counter() - start:.1f}"
            run = read_json(workspace / "runs" / "extract_features.json")
            row[f"{title}: computed"] = run["computed"]
            row[f"{title}: peak MB"] = f"{run['peak_memory_bytes'] / 1e6:.0f}"
        row["features MB"] = f"{(workspace / FEATURES).stat().st_size / 1e6:.1f}"
        rows.append(row)
        shutil.rmtree(workspace)
    return markdown(rows)


def stage(workspace: Path, environment: dict[str, str], name: str) -> None:
    """Runs a stage to its end."""
    command = [sys.executable, "-m", f"stages.{name}"]
    subprocess.run(command, cwd=workspace, env=environment, check=True, stdout=subprocess.DEVNULL)


def crops(files: list[Path], count: int, workspace: Path) -> pd.DataFrame:
    """The manifest of so many different photos: random crops of `files`, mirrored or not, as JPEG of 200 pixels."""
    folder = workspace / "data" / "raw" / "photo"
    folder.mkdir(parents=True)
    random = np.random.default_rng(0)
    rows = []
    for number, path in enumerate(islice(cycle(files), count)):
        with Image.open(path) as image:
            side = int(min(image.size) * random.uniform(0.7, 0.95))
            left, top = (int(random.integers(0, length - side + 1)) for length in image.size)
            crop = image.convert("RGB").crop((left, top, left + side, top + side)).resize((200, 200))
        target = folder / f"{number:06}.jpg"
        crop.save(target, quality=90)
        name = hashlib.sha256(target.read_bytes()).hexdigest()
        rows.append((target.relative_to(workspace).as_posix(), "photo", "train", name, 200, 200, name[:16]))
    return pd.DataFrame(rows, columns=["path", "label", "split", "sha256", "width", "height", "group"])


def markdown(rows: list[dict]) -> str:
    """A Markdown table of rows with the same keys."""
    keys = list(rows[0])
    lines = ["| " + " | ".join(keys) + " |", "|" + "---|" * len(keys)]
    return "\n".join([*lines, *("| " + " | ".join(str(row.get(key, "")) for key in keys) + " |" for row in rows)])


if __name__ == "__main__":
    main()
