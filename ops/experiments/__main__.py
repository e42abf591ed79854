"""Ranks the experiments of `dvc exp` and the work tree: `python -m ops.experiments`.

By cross-validation on the photos of train and validation, so that the test split stays a fair judge of the one that is
chosen: it is shown for that one alone.
"""

import argparse
import io
import json
from collections.abc import Iterator
from typing import Any

import pandas as pd
import yaml

from idealcat.base.artifacts import MANIFEST, OUT_OF_FOLD, metrics_of
from idealcat.base.errors import DataError, one_line
from idealcat.base.params import parse_yaml
from idealcat.photos.manifest import COLUMNS
from idealcat.statistics.predictions import OUT_OF_FOLD_COLUMNS
from ops.experiments.ranking import Candidate, lines, rank
from ops.shared.children import shown
from ops.shared.experiments import experiment_commits
from ops.shared.revision_files import RevisionFiles

HERE = "(work tree)"


def main() -> None:
    """Prints the ranking; ends with one line and exit code 1 where there is nothing to rank."""
    argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0]).parse_args()
    with one_line("experiments"):
        candidates = list(found())
        if not candidates:
            raise DataError("no result to rank: run `dvc repro`, then `dvc exp run -S ...`")
        base = next((one for one in candidates if one.name == HERE), candidates[0])
        print("\n".join(lines(rank(candidates), base.params)))


def found() -> Iterator[Candidate]:
    """The work tree and the experiments that can be ranked; of the others a line says why not."""
    for name, commit in [(HERE, None), *experiment_commits()]:
        try:
            yield read(name, commit)
        except DataError as error:
            print(f"{name} is left out: {error}")


def read(name: str, commit: str | None) -> Candidate:
    """A result as DVC has it, of a commit or (None) the work tree. Raises DataError where a part of it can't be had."""
    files = RevisionFiles(commit)

    def content(path: str) -> bytes:
        try:
            return files.read(path)
        except FileNotFoundError as error:
            raise DataError(f"it has no {path} (`dvc repro`, or `dvc pull` where it was made elsewhere)") from error
        except Exception as error:
            raise DataError(f"{path} can't be had: {shown(error)}") from error

    try:
        params: dict[str, Any] = parse_yaml(content("params.yaml"))
        scores = json.loads(content(metrics_of("evaluate").path.as_posix()))
        out_of_fold = pd.read_parquet(io.BytesIO(content(OUT_OF_FOLD.path.as_posix())))
        manifest = pd.read_csv(io.BytesIO(content(MANIFEST.path.as_posix())), dtype=str, keep_default_na=False)
        missing = [*(set(OUT_OF_FOLD_COLUMNS) - set(out_of_fold)), *(set(COLUMNS) - set(manifest))]
    except (ValueError, yaml.YAMLError) as error:
        raise DataError(f"its results are not what the stages write: {shown(error)}") from error
    if missing:
        raise DataError(f"its tables lack the columns {', '.join(missing)}")
    return Candidate(name, params, out_of_fold, manifest, scores)


if __name__ == "__main__":
    main()
