"""Which unlabelled photos to label first: `python -m ops.next FOLDER` names those that teach the classifier most.

Prints path,score as CSV, the first to label first; photos of the manifest are left out.
"""

import argparse
import sys
from pathlib import Path

import pandas as pd

from idealcat.audit.acquisition import informative
from idealcat.base.errors import DataError, one_line
from idealcat.base.tables import write_csv
from idealcat.photos.manifest import read_manifest
from ops.shared.new_photos import NewPhotos, new_photos


def main() -> None:
    """Prints the photos, or writes them to a file; exit code 1 where every photo is labelled."""
    parser = argparse.ArgumentParser(prog="python -m ops.next", description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("photos", nargs="+", metavar="FOLDER", help="folder, glob, photo, URL, table: .csv, .parquet")
    parser.add_argument("--count", type=int, default=50, help="photos to choose (50)")
    parser.add_argument("--column", default="path", help="the column of a table that names photos (path)")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the CSV to a file")
    arguments = parser.parse_args()
    with one_line("next"):
        if arguments.count < 1:
            raise DataError(f"--count: expected at least 1, received {arguments.count}")
        new = new_photos(arguments.photos, column=arguments.column, title="next")
        chosen = choose(new, arguments.count)
        if arguments.output:
            write_csv(chosen, arguments.output)
            print(f"next: {arguments.output}, {len(chosen)} of {len(new.table)} photos to label")
        else:
            chosen.to_csv(sys.stdout, index=False, float_format="%.6g", lineterminator="\n")


def choose(new: NewPhotos, count: int) -> pd.DataFrame:
    """path and score of at most `count` photos, one of each group of near duplicates, none of the manifest.

    Raises:
        DataError: all of them are in the manifest.
    """
    unlabelled = new.table[~new.table["sha256"].isin(read_manifest()["sha256"])].drop_duplicates("group")
    if unlabelled.empty:
        raise DataError("expected photos without a label; all of these are in data/manifest.csv")
    rows = unlabelled.index.to_numpy()
    chosen, scores = informative(new.vectors[rows], new.probabilities[rows], count)
    return pd.DataFrame({"path": unlabelled["path"].iloc[chosen].to_numpy(), "score": scores})


if __name__ == "__main__":
    main()
