"""Bottleneck features a second: this pipeline from files to Parquet, beside Keras, ONNX Runtime and OpenVINO.

`python -m benchmarks.extraction FOLDER [--rounds 3] [--networks efficientnet_lite0 ...]`; FOLDER holds photos, in class
folders or not, at least 768 of them. Contenders alternate in one process; ONNX Runtime and OpenVINO start from decoded
arrays. Beside each rate stands the share of the machine's peak, which is that of a large matrix product.
"""

import argparse
import hashlib
import os
import shutil
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks import peers
from benchmarks.backbone import saved_backbone, settings
from benchmarks.results import PATH, machine, markdown, photo_files, spread, write_section
from idealcat.extraction import fill
from idealcat.extraction.choice import choose
from idealcat.networks import backbones
from idealcat.networks.backend import device_class, keras
from idealcat.networks.description import BackboneDescription
from idealcat.photos.pixels import Pixels
from idealcat.photos.read import Photo, read_photos

NETWORKS = {
    "efficientnet_lite0": 768,
    "mobilenet_v2": 768,
    "resnet50": 512,
    "inception_v3": 512,
    "vgg16": 128,
}  # photos, whole batches


def main() -> None:
    """Measures, prints the tables and writes them to benchmarks/RESULTS.md."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--networks", nargs="+", choices=NETWORKS, default=list(NETWORKS))
    chosen = parser.parse_args()
    files = photo_files(chosen.folder)
    if len(files) < max(NETWORKS[name] for name in chosen.networks):
        parser.error(f"expected at least 768 photos in {chosen.folder}, found {len(files)}")
    results = PATH.absolute()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        device = device_class()
        peak = matrix_peak() if device == "cpu" else accelerator_peak()
        rows = [speeds(name, files[: NETWORKS[name]], chosen.rounds, peak) for name in chosen.networks]
        os.chdir("/")
    about = machine("tensorflow", "keras", "ai-edge-litert", "MNN", "onnxruntime", "openvino")
    body = f"{about} Peak: {peak / 1e9:.0f} GFLOP/s. {chosen.rounds} rounds.\n\n{markdown(rows)}"
    write_section(f"Extraction: photos a second, {device}", body, results)
    if device == "cpu":
        write_section("Extraction: photos a second, accelerator", "Not measured: no accelerator was there.", results)


def speeds(name: str, files: list[Path], rounds: int, peak: float) -> dict[str, object]:
    """A row: photos a second of each contender on one network, its share of the peak, and ratios of the medians."""
    features, engine, contenders = build(name, files)
    rates: dict[str, list[float]] = {kind: [] for kind in contenders}
    for turn in range(rounds + 1):
        for kind, run in contenders.items():
            start = time.perf_counter()
            run()
            if turn:  # the first warms up
                rates[kind].append(len(files) / (time.perf_counter() - start))
    median = {kind: statistics.median(values) for kind, values in rates.items()}
    cost = operations(features)
    row: dict[str, object] = {"network": name, "photos": len(files), "GFLOP a photo": f"{cost / 1e9:.2f}"}
    row["engine"] = engine
    row |= {kind: f"{spread(values)}, {median[kind] * cost / peak:.0%}" for kind, values in rates.items()}
    row["pipeline / predict"] = f"{median['pipeline'] / median['predict, files']:.1f}"
    if fastest := max((median[kind] for kind in ("ONNX Runtime", "OpenVINO") if kind in median), default=0.0):
        row["pipeline / fastest peer"] = f"{median['pipeline'] / fastest:.2f}"
    return row


def build(name: str, files: list[Path]) -> tuple[keras.Model, str, dict[str, peers.Contender]]:
    """A network, the engine that the pipeline chooses for it, and the contenders; the peers of a CPU only there."""
    backbone, description = saved_backbone(name)
    features, size = backbones.features_model(backbone), description.image_size
    folder = Path(name)
    folder.mkdir()
    for number, path in enumerate(files):
        shutil.copy(path, folder / f"{number:06}{path.suffix}")
    decoded = read_photos([str(path) for path in files], pixels=Pixels(size)).astype("float32")
    engine, run = pipeline(description, files)
    contenders = {
        "predict, files": peers.predict_files(features, folder),
        "predict, array": peers.predict_array(features, decoded),
        "pipeline": run,
    }
    if device_class() == "cpu":
        contenders |= {
            "ONNX Runtime": peers.onnx_runtime(features, decoded),
            "OpenVINO": peers.openvino(features, decoded),
        }
    return features, engine, contenders


def pipeline(description: BackboneDescription, files: list[Path]) -> tuple[str, peers.Contender]:
    """The engine, and extract_features from files to Parquet with an empty store; the network is exported here."""
    named = [Photo(str(path), hashlib.sha256(path.read_bytes()).hexdigest()) for path in files]
    photos = sorted(named, key=lambda photo: photo.sha256)
    os.environ["IDEALCAT_CACHE"] = str(Path("cache").absolute())
    engine = choose(settings("auto"), description, photos).spec.engine

    def run() -> None:
        for shard in Path("cache").rglob("*.shard"):
            shard.unlink()
        fill(choose(settings("auto"), description, photos), photos, settings("auto"))

    return engine, run


def operations(model: keras.Model) -> int:
    """Floating-point operations for a photo: two for each multiplication of a convolution or a dense layer."""
    total = 0
    for layer in model.layers:
        if isinstance(layer, keras.layers.Conv2D | keras.layers.DepthwiseConv2D):
            total += 2 * int(np.prod(layer.kernel.shape)) * int(np.prod(layer.output.shape[1:3]))
        elif isinstance(layer, keras.layers.Dense):
            total += 2 * int(np.prod(layer.kernel.shape))
    return total


def matrix_peak(size: int = 4096, repeats: int = 5) -> float:
    """Floating-point operations a second of NumPy's product of float32 matrices: the fastest of some repeats."""
    left, right = np.random.default_rng(0).random((2, size, size), dtype="float32")
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        left @ right
        seconds.append(time.perf_counter() - start)
    return 2 * size**3 / min(seconds)


def accelerator_peak(size: int = 8192, repeats: int = 20) -> float:
    """The same of Keras's product of float16 matrices on the device."""
    left = keras.ops.ones((size, size), "float16")
    keras.ops.convert_to_numpy((left @ left)[0, 0])
    start = time.perf_counter()
    product = left
    for _ in range(repeats):
        product = left @ product
    keras.ops.convert_to_numpy(product[0, 0])
    return 2 * size**3 * repeats / (time.perf_counter() - start)


if __name__ == "__main__":
    main()
