"""Carries the pipeline's results into MLflow: `python -m ops.publish [--experiments]`.

Stages write files and know nothing of MLflow; those files are what waits for a server that is away.
"""

import argparse
from pathlib import Path

from idealcat.base.errors import one_line
from ops.publish.experiments import experiment_results
from ops.publish.run import publish
from ops.shared.repository import require_merged
from ops.shared.result import Result, read_result
from ops.shared.server import UnreachableError
from ops.shared.tracking import connect, lock


def main() -> None:
    """Publishes; ends with one line and exit code 1 where it could not."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--experiments", action="store_true", help="publish the experiments of `dvc exp` too")
    arguments = parser.parse_args()
    with one_line("publish"):
        require_merged()
        result = read_result(Path.cwd())
        try:
            carry(result, experiments=arguments.experiments)
        except UnreachableError as error:
            later = "the result is on disk: once the store answers, `python -m ops.publish` completes it"
            raise UnreachableError(f"{error}; {later}") from error


def carry(result: Result, *, experiments: bool) -> None:
    """Publishes a result, and `experiments` of `dvc exp` too; says what it did."""
    client = connect()
    with lock("live", seconds=30), lock("publish", seconds=300):
        print(f"publish: {publish(client, result)}")
        for name, found in experiment_results() if experiments else ():
            with found as experiment:
                print(f"publish {name}: {publish(client, experiment, name=name)}")


if __name__ == "__main__":
    main()
