"""Carries the pipeline's results into MLflow: `python -m ops.publish [--experiments]`.

Stages write files and know nothing of MLflow; those files are what waits for a server that is away.
"""

import argparse
import sys
from pathlib import Path

from idealcat.base.errors import IdealcatError
from ops.publish.experiments import experiment_results
from ops.publish.run import publish
from ops.shared.result import read_result
from ops.shared.tracking import connect, lock


def main() -> None:
    """Publishes; ends with one line and exit code 1 where it could not."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--experiments", action="store_true", help="publish the experiments of `dvc exp` too")
    arguments = parser.parse_args()
    try:
        result = read_result(Path.cwd())
        client = connect()
        with lock("live", seconds=30), lock("publish", seconds=300):
            print(f"publish: {publish(client, result)}")
            if arguments.experiments:
                for name, found in experiment_results():
                    with found as experiment:
                        print(f"publish {name}: {publish(client, experiment, name=name)}")
    except IdealcatError as error:
        sys.exit(f"publish: {error}\nNothing is lost: `python -m ops.publish` completes it.")


if __name__ == "__main__":
    main()
