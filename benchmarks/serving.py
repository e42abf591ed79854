"""Requests a second at batch 1: the registered model and MLflow's stock Keras flavour, both as MLflow serves them.

`python -m benchmarks.serving [--requests 200]` after the pipeline has run. Both servers run in turn, in one run, on a
store of their own; each is sent the same photo. The stock flavour can't read photos and gets decoded pixels as JSON,
whose parsing takes most of its time; so the last lines compare the models alone, each called in this process.
"""

import argparse
import base64
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import requests

from benchmarks.results import machine, markdown, write_section
from idealcat.photos.manifest import read_manifest
from idealcat.photos.pixels import Pixels, photo_pixels
from ops.publish.model import log_classifier

START = 180  # seconds that a server may take to start
WARM_UP = 5  # requests


def main() -> None:
    """Writes rates and ratios to benchmarks/RESULTS.md; exit code 1 where the labels differ from those of evaluate."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--requests", type=int, default=200)
    count = parser.parse_args().requests
    photo, expected = _test_photo()
    with tempfile.TemporaryDirectory(prefix="idealcat-") as folder:
        ours, stock, size = logged(Path(folder))
        content = Path(photo).read_bytes()
        frame = {"columns": ["photo"], "data": [[base64.b64encode(content).decode()]]}
        rate, answer = measure(ours, {"dataframe_split": frame}, count)
        label = answer["predictions"][0]["label"]
        pixels = photo_pixels(content, Pixels(size), max_pixels=2**62).astype("float32")
        stock_rate, _ = measure(stock, {"instances": pixels[None].tolist()}, count)
        alone = in_process(ours, pd.DataFrame({"photo": [content]}), count)
        stock_alone = in_process(stock, pixels[None], count)
    pairs = {"through HTTP, requests/s": (rate, stock_rate), "in this process, photos/s": (alone, stock_alone)}
    table = [
        {"called": how, "Idealcat": f"{one:.1f}", "Keras flavour": f"{other:.1f}", "ratio": f"{one / other:.1f}"}
        for how, (one, other) in pairs.items()
    ]
    about = f"{machine('mlflow', 'ai-edge-litert', 'keras')} {count} requests of one photo, one at a time, medians."
    why = (
        "The stock flavour takes decoded pixels as JSON, whose parsing is most of its time; the second line is without."
    )
    write_section("Serving", f"{about} {why}\n\n{markdown(table)}")
    print(f"{photo}: served as {label}; evaluate said {expected}")
    sys.exit(label != expected)


def measure(model: str, body: dict[str, object], count: int) -> tuple[float, dict[str, object]]:
    """Requests a second (by the median latency) of a served model, one at a time, and its last answer."""
    port = free_port()
    command = [sys.executable, "-m", "mlflow", "models", "serve", "--model-uri", model]
    command += ["--port", str(port), "--env-manager", "local"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    address = f"http://127.0.0.1:{port}"
    try:
        wait(f"{address}/ping", server)
        data = json.dumps(body)
        times = []
        with requests.Session() as session:
            for _ in range(count + WARM_UP):
                start = time.perf_counter()
                answer = session.post(
                    f"{address}/invocations", data=data, headers={"Content-Type": "application/json"}, timeout=60
                )
                answer.raise_for_status()
                times.append(time.perf_counter() - start)
        return 1 / statistics.median(times[WARM_UP:]), answer.json()
    finally:
        os.killpg(server.pid, 15)
        server.wait()


def in_process(model: str, data: pd.DataFrame | np.ndarray, count: int) -> float:
    """Photos a second (by the median) of a model called in this process, one at a time."""
    import mlflow  # noqa: PLC0415 slow to import

    loaded = mlflow.pyfunc.load_model(model)
    times = []
    for _ in range(count + WARM_UP):
        start = time.perf_counter()
        loaded.predict(data)
        times.append(time.perf_counter() - start)
    return 1 / statistics.median(times[WARM_UP:])


def free_port() -> int:
    """A port that nobody uses."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def wait(address: str, server: subprocess.Popen[bytes]) -> None:
    """Until a server answers at an address; ends the program where it does not within START seconds."""
    end = time.monotonic() + START
    while time.monotonic() < end and server.poll() is None:
        try:
            if requests.get(address, timeout=2).ok:
                return
        except requests.RequestException:
            time.sleep(0.5)
    sys.exit(f"the server at {address} did not start")


def logged(folder: Path) -> tuple[str, str, int]:
    """Addresses of our model and of the stock flavour, logged to a store in `folder`, and the input's pixels a side."""
    import mlflow  # noqa: PLC0415 slow to import

    from idealcat.networks.classifier import load_classifier  # noqa: PLC0415

    os.environ["MLFLOW_TRACKING_URI"] = f"sqlite:///{folder / 'mlflow.db'}"
    mlflow.set_tracking_uri(os.environ["MLFLOW_TRACKING_URI"])
    experiment = mlflow.create_experiment("serving", artifact_location=(folder / "artifacts").as_uri())
    mlflow.set_experiment(experiment_id=experiment)
    model, _ = load_classifier()
    size = model.input_shape[1]
    with mlflow.start_run():
        ours = log_classifier(Path("data/model/classifier.keras"))
        example = np.zeros((1, size, size, 3), "float32")
        signature = mlflow.models.infer_signature(example, model.predict(example, verbose=0))
        stock = mlflow.keras.log_model(model, name="stock", signature=signature)
    return f"models:/{ours}", stock.model_uri, size


def _test_photo() -> tuple[str, str]:
    """A photo of the test split and the label that evaluate gave it."""
    predictions = pd.read_parquet("data/predictions.parquet").set_index("sha256")["predicted"]
    photo = read_manifest().query("split == 'test'").iloc[0]
    return photo["path"], predictions[photo["sha256"]]


if __name__ == "__main__":
    main()
