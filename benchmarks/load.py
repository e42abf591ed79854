"""Classifiers behind HTTP under load: `python -m benchmarks.load PHOTOS [--server idealcat] [--requests 10000]`.

PHOTOS is a folder of photos; the pipeline has run. 64 clients ask at once; every fiftieth photo has 24 megapixels.
Beside the good requests come wrong ones (benchmarks/wrong_requests.py), which must do them no harm. Each server gets a
run and a section of benchmarks/RESULTS.md of its own:

- `idealcat`: the registered model, as `mlflow models serve` serves it;
- `keras`: MLflow's stock Keras flavour, served alike; it takes decoded pixels, so nobody sends it wrong photos;
- `onnx`: benchmarks/onnx_server.py, a plain FastAPI with ONNX Runtime and Pillow.

Exit code 1 where a good request failed, a wrong one got another answer than it should, or memory grew by a tenth.
"""

import argparse
import asyncio
import base64
import io
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
import psutil
from PIL import Image

from benchmarks.results import machine, markdown, photo_files, write_section
from benchmarks.serving import START, free_port, logged, wait
from benchmarks.wrong_requests import DEEP, JSON, Sent, wrong_requests
from idealcat.photos.pixels import Pixels, photo_pixels

CLIENTS, DIFFERENT, LARGE, WRONG = 64, 98, 2, 10  # at once; photos of either size; a wrong request after so many good
SIDES = (6000, 4000)  # pixels of a large photo
TITLES = {
    "idealcat": "the registered model",
    "keras": "MLflow's stock Keras flavour",
    "onnx": "FastAPI and ONNX Runtime",
}


@dataclass
class Tally:
    """What the clients saw, and the server's memory, in bytes by second."""

    seconds: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    wrong: dict[str, Counter[str]] = field(default_factory=dict)
    memory: list[int] = field(default_factory=list)


def main() -> None:
    """Loads one server and writes its section."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("photos", type=Path)
    parser.add_argument("--server", choices=TITLES, default="idealcat")
    parser.add_argument("--requests", type=int, default=10_000)
    chosen = parser.parse_args()
    photos = [file.read_bytes() for file in photo_files(chosen.photos)[:DIFFERENT]]
    photos += [enlarged(photo, number) for number, photo in enumerate(photos[:LARGE])]
    np.random.default_rng(20).shuffle(photos)
    with tempfile.TemporaryDirectory(prefix="idealcat-") as folder:
        command, size = server(chosen.server, Path(folder))
        good = [Sent(*body(chosen.server, photo, size)) for photo in photos]
        wrong = wrong_requests(photos[0]) if chosen.server == "idealcat" else {}
        begin, tally = time.perf_counter(), Tally()
        port = free_port()
        with (Path(folder) / "log").open("wb") as log:
            process = subprocess.Popen([*command, "--port", str(port)], stdout=log, stderr=log)
            try:
                wait(f"http://127.0.0.1:{port}/ping", process)
                print(f"the server took {time.perf_counter() - begin:.1f} s to start (at most {START} s)", flush=True)
                begin = time.perf_counter()
                asyncio.run(
                    load(f"http://127.0.0.1:{port}", good, wrong, chosen.requests, process=process, tally=tally)
                )
                took = time.perf_counter() - begin
            finally:
                process.terminate()
                process.wait(30)
    sys.exit(report(chosen.server, chosen.requests, took, tally))


def report(name: str, requests: int, took: float, tally: Tally) -> bool:
    """Writes the section; whether anything was not as it should be."""
    tenth = max(1, len(tally.memory) // 10)
    early, late = (statistics.median(part) / 1e6 for part in (tally.memory[tenth : 2 * tenth], tally.memory[-tenth:]))
    row = {
        "good requests": f"{requests:,}",
        "failed": len(tally.failed),
        "requests/s": f"{requests / took:.1f}",
        "median, s": f"{statistics.median(tally.seconds):.2f}",
        "99 of 100 within, s": f"{np.quantile(tally.seconds, 0.99):.2f}",
        "MB in the second tenth": f"{early:.0f}",
        "MB in the last tenth": f"{late:.0f}",
        "largest MB": f"{max(tally.memory) / 1e6:.0f}",
    }
    packages = {"idealcat": "ai-edge-litert", "keras": "keras", "onnx": "onnxruntime"}
    about = f"{machine('mlflow', packages[name])} {CLIENTS} clients at once, on this machine too; "
    about += f"{DIFFERENT} photos and {LARGE} of 24 megapixels, in turn."
    if name == "keras":
        about += " It takes decoded pixels as JSON, and is slow: it got fewer requests."
    text = f"{about}\n\n{markdown([row])}"
    bad = [
        kind for kind, answers in tally.wrong.items() if kind != DEEP and any("WRONG" in answer for answer in answers)
    ]
    if tally.wrong:
        kinds = [{"wrong request": kind, "answers": told(answers)} for kind, answers in tally.wrong.items()]
        text += f"\n\nOne wrong request beside {WRONG} good ones:\n\n{markdown(kinds)}"
    write_section(f"Load: {TITLES[name]}", text)
    print(*tally.failed[:5], sep="\n")
    return bool(tally.failed or bad or late > 1.1 * early)


def told(answers: Counter[str]) -> str:
    """The answers and how often each came."""
    return "; ".join(f"{answer} ({count} times)" for answer, count in answers.items())


def server(name: str, folder: Path) -> tuple[list[str], int]:
    """The command that starts a server, but for its port, and the network's input in pixels a side."""
    from idealcat.export.convert import export_whole  # noqa: PLC0415 starts the framework
    from idealcat.networks.classifier import load_classifier  # noqa: PLC0415

    if name == "onnx":
        model, labels = load_classifier()
        export_whole(model, folder / "classifier.onnx", format="onnx")
        os.environ |= {"MODEL": str(folder / "classifier.onnx"), "SIDE": str(model.input_shape[1])}
        os.environ["LABELS"] = json.dumps(labels)
        return [sys.executable, "-m", "uvicorn", "benchmarks.onnx_server:app", "--log-level", "warning"], 0
    ours, stock, size = logged(folder)
    uri = ours if name == "idealcat" else stock
    return [sys.executable, "-m", "mlflow", "models", "serve", "-m", uri, "--env-manager", "local"], size


def body(name: str, photo: bytes, size: int) -> tuple[bytes, dict[str, str]]:
    """A good request's content and headers."""
    if name == "onnx":
        return photo, {"Content-Type": "application/octet-stream"}
    if name == "keras":
        pixels = photo_pixels(photo, Pixels(size), max_pixels=2**62)
        return json.dumps({"instances": pixels[None].tolist()}).encode(), JSON
    frame = {"columns": ["photo"], "data": [[base64.b64encode(photo).decode()]]}
    return json.dumps({"dataframe_split": frame}).encode(), JSON


def enlarged(photo: bytes, seed: int) -> bytes:
    """The photo at 24 megapixels, with a camera's noise."""
    large = np.asarray(Image.open(io.BytesIO(photo)).convert("RGB").resize(SIDES, Image.Resampling.BICUBIC))
    noise = np.random.default_rng(seed).normal(0, 4, large.shape[:2])[..., None]
    file = io.BytesIO()
    Image.fromarray(np.clip(large + noise, 0, 255).astype("uint8")).save(file, "JPEG", quality=90)
    return file.getvalue()


async def load(
    address: str,
    good: list[Sent],
    wrong: dict[str, Sent],
    requests: int,
    *,
    process: subprocess.Popen[bytes],
    tally: Tally,
) -> None:
    """All clients at once, until the good requests are sent; every answer is held against the first to that photo."""
    kinds = cycle(wrong.items())
    jobs: Iterator[int] = iter(range(requests))
    patience = aiohttp.ClientTimeout(total=300)
    # Those who send wrong requests have connections of their own: after a 500 the server closes one without a word.
    others = aiohttp.TCPConnector(force_close=True)
    async with (
        aiohttp.ClientSession(address, timeout=patience) as session,
        aiohttp.ClientSession(address, timeout=patience, connector=others) as stranger,
    ):
        expected = [await asked(session, sent) for sent in good]
        failed = [str(answer) for answer in expected if answer[0] != 200]
        if failed:
            sys.exit(f"a good request failed before the load: {failed[0][:500]}")

        async def client() -> None:
            for job in jobs:
                begin = time.perf_counter()
                answer = await asked(session, good[job % len(good)])
                tally.seconds.append(time.perf_counter() - begin)
                if answer != expected[job % len(good)]:
                    tally.failed.append(f"request {job}: {str(answer)[:300]}")
                for kind, sent in islice(kinds, 1 if job % WRONG == 0 else 0):
                    status, text = await asked(stranger, sent)
                    tally.wrong.setdefault(kind, Counter())[sent.judged(status, text)] += 1

        watch = asyncio.create_task(watched(process, tally))
        await asyncio.gather(*(client() for _ in range(CLIENTS)))
        watch.cancel()


async def asked(session: aiohttp.ClientSession, sent: Sent) -> tuple[int, str]:
    """Status and text of an answer; status 0 where there was none."""
    try:
        async with session.request(sent.method, sent.path, data=sent.content, headers=sent.headers) as answer:
            return answer.status, await answer.text()
    except (aiohttp.ClientError, asyncio.TimeoutError) as error:
        return 0, repr(error)


async def watched(process: subprocess.Popen[bytes], tally: Tally) -> None:
    """The memory of the server and its children, twice a second."""
    root: Any = psutil.Process(process.pid)
    while True:
        tree = [root, *root.children(recursive=True)]
        tally.memory.append(sum(one.memory_info().rss for one in tree))
        await asyncio.sleep(0.5)


if __name__ == "__main__":
    main()
