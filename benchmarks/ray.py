"""Bottleneck features a second on a Ray cluster, beside the local engine on as many cores.

python -m benchmarks.ray FOLDER [--photos 1000] [--rounds 3] [--workers 2]

FOLDER holds photos, in class folders or not. A head without cores and workers of one core each are started as
processes of their own. Both engines read the same files and run the same network; they alternate. The rate is counted
from the first photo that comes back: connecting, starting actors and loading the network is a column of its own, and
the start of the cluster itself is not counted.
"""

import argparse
import hashlib
import os
import statistics
import tempfile
import time
from pathlib import Path

from benchmarks.backbone import saved_backbone, settings
from benchmarks.ray_cluster import ray_cluster
from benchmarks.results import PATH, machine, markdown, photo_files, spread, write_section
from idealcat.extraction.choice import Choice, choose
from idealcat.extraction.fill import run
from idealcat.extraction.settings import ExtractFeatures
from idealcat.networks.backend import keras
from idealcat.photos.read import Photo

NETWORK = "efficientnet_lite0"
BURST = 0.1  # seconds in which the first task's batches all come


def main() -> None:
    """Measures, prints the table and writes it to benchmarks/RESULTS.md."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--photos", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=2)
    chosen = parser.parse_args()
    files = photo_files(chosen.folder)
    photos = [Photo(str(path), hashlib.sha256(path.read_bytes()).hexdigest()) for path in files[: chosen.photos]]
    results = PATH.absolute()
    if hasattr(os, "sched_setaffinity"):  # of all that is started from here
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: chosen.workers])
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        os.environ["IDEALCAT_CACHE"] = str(Path("cache").absolute())
        description = saved_backbone(NETWORK)[1]
        keras.backend.clear_session()
        choice = choose(settings("litert"), description, photos)
        with ray_cluster(chosen.workers) as (address, _):
            engines = {"litert": settings("litert"), "ray": settings("ray", address)}
            times: dict[str, list[tuple[float, float]]] = {name: [] for name in engines}
            for _ in range(chosen.rounds):
                for name, setting in engines.items():
                    times[name].append(measure(choice, photos, setting))
    about = f"{machine('ray', 'ai-edge-litert')} {NETWORK}, {len(photos)} photos, {chosen.rounds} rounds,"
    body = f"{about} {chosen.workers} workers of one core, and as many cores for the local engine.\n\n{table(times)}"
    write_section("Extraction: Ray", body, results)


def measure(choice: Choice, photos: list[Photo], setting: ExtractFeatures) -> tuple[float, float]:
    """Seconds until the first features came, and photos a second from just after that on."""
    start = time.perf_counter()
    arrivals = [(time.perf_counter(), len(names)) for names, _ in run(choice, photos, setting)]
    begin, end = arrivals[0][0] + BURST, arrivals[-1][0]
    return arrivals[0][0] - start, sum(count for at, count in arrivals if at > begin) / (end - begin)


def table(times: dict[str, list[tuple[float, float]]]) -> str:
    """A Markdown table of the engines and the ratio of their rates."""
    rates = {name: [rate for _, rate in pairs] for name, pairs in times.items()}
    local = statistics.median(rates["litert"])
    return markdown(
        [
            {
                "engine": name,
                "photos/s": spread(values),
                "seconds to the first": f"{statistics.median(first for first, _ in times[name]):.1f}",
                "of the local engine's rate": f"{statistics.median(values) / local:.2f}",
            }
            for name, values in rates.items()
        ]
    )


if __name__ == "__main__":
    main()
