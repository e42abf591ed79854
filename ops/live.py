"""Carries a training's epochs to the tracking store while it trains: `python -m ops.live PID`, with the training's PID.

stages/train_classifier.py starts it where fine-tuning begins, unless IDEALCAT_LIVE=0; without mlflow it does nothing.

Ends with the training, at most GRACE seconds later, whatever the store does; what is missing then, publish completes.
"""

import importlib.util
import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from idealcat.base.errors import IdealcatError
from idealcat.base.runs import LIVE
from ops.shared.tracking import connect, experiment_id, lock, tracking_errors

GRACE = 15  # seconds
PAUSE = 0.5  # seconds between two looks at the file


def main(training: int) -> None:
    """Streams; tries again after an outage for as long as the training runs."""
    if not importlib.util.find_spec("mlflow"):
        return
    threading.Thread(target=_end_in_time, args=(training,), daemon=True).start()
    token = json.loads(LIVE.read_text(encoding="utf-8").splitlines()[0])["token"]
    with lock("live", seconds=5):
        while True:
            try:
                stream(connect(), token, training)
                return
            except IdealcatError:
                if over(training):
                    return
                time.sleep(2)


def stream(client: Any, token: str, training: int) -> None:
    """Logs the epochs that the run lacks, each once, until the training is over; system metrics beside them."""
    from mlflow.entities import Metric  # noqa: PLC0415 slow to import
    from mlflow.system_metrics.system_metrics_monitor import SystemMetricsMonitor  # noqa: PLC0415

    with tracking_errors():
        experiment = experiment_id(client)
        found = client.search_runs([experiment], f"tags.`idealcat.live` = '{token}'", max_results=1)
        run = found[0] if found else client.create_run(experiment, run_name="live", tags={"idealcat.live": token})
        run_id = run.info.run_id
        done = {point.step for point in client.get_metric_history(run_id, "loss")}
        monitor = SystemMetricsMonitor(run_id, sampling_interval=5, samples_before_logging=1, resume_logging=True)
        monitor.start()
        ended = False
        while not ended:
            ended = over(training)
            for line in lines(LIVE):
                if "epoch" in line and line["epoch"] not in done:
                    now = int(time.time() * 1000)
                    step = line.pop("epoch")
                    client.log_batch(run_id, [Metric(name, value, now, step) for name, value in line.items()])
                    done.add(step)
            time.sleep(0 if ended else PAUSE)
        monitor.finish()
        client.set_terminated(run_id, "FINISHED")


def lines(path: Path) -> Iterator[dict[str, Any]]:
    """The whole lines of the file; one that is still being written is left for later."""
    for line in path.read_text(encoding="utf-8").splitlines(keepends=True):
        if line.endswith("\n"):
            yield json.loads(line)


def over(training: int) -> bool:
    """Whether the training has said its end, or is gone."""
    return any("end" in line for line in lines(LIVE)) or not _alive(training)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _end_in_time(training: int) -> None:
    """A store that swallows what it is sent must not keep this process."""
    while not over(training):
        time.sleep(PAUSE)
    time.sleep(GRACE)
    os._exit(1)


if __name__ == "__main__":
    main(int(sys.argv[1]))
