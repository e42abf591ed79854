"""corrections.csv: labels that people have put right, by a photo's bytes, so that they outlive a new fetch.

`sha256,label,reason`: the photo with these bytes has this label, or is left out where the label is `exclude`; the
reason is for people. The file is in git, and no stage writes it.
"""

import io
import re
from pathlib import Path

import pandas as pd

from idealcat.base.errors import DataError
from idealcat.base.files import replacing
from idealcat.photos.scan import Scan

PATH = Path("corrections.csv")
COLUMNS = ["sha256", "label", "reason"]
EXCLUDE = "exclude"

_SHA256 = re.compile("[0-9a-f]{64}")


def parse_corrections(content: bytes, name: Path | str = PATH) -> pd.DataFrame:
    """The corrections in a file's content, texts with the columns COLUMNS, in the file's order; an empty file has none.

    Raises:
        DataError: it is no CSV, has other columns, or a line has no SHA-256, no label, or a photo of an earlier line.
    """
    if not content.strip():
        return pd.DataFrame(columns=COLUMNS, dtype=str)
    try:
        # Spreadsheets write a byte order mark, and a class may be called NA or 001.
        table = pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (pd.errors.ParserError, UnicodeDecodeError) as error:
        raise DataError(f"expected a CSV with the columns {','.join(COLUMNS)} in {name}: {error}") from error
    if list(table.columns) != COLUMNS:
        raise DataError(f"expected the columns {','.join(COLUMNS)} in {name}, received {','.join(table.columns)}")
    faults = []
    for row in table[~table["sha256"].str.fullmatch(_SHA256)].itertuples():
        faults.append(f"expected 64 hexadecimal digits as sha256, received {row.sha256!r}")
    for row in table[table["label"] == ""].itertuples():
        faults.append(f"expected a label or {EXCLUDE} for {row.sha256}, received none")
    for row in table[table.duplicated("sha256")].itertuples():
        faults.append(f"expected one line a photo, received several for {row.sha256}")
    if faults:
        raise DataError(f"{name}: " + "; ".join(faults))
    return table


def read_corrections(path: Path | str = PATH) -> pd.DataFrame:
    """The corrections as `parse_corrections` gives them; none where the file is missing. Raises DataError likewise."""
    try:
        content = Path(path).read_bytes()
    except FileNotFoundError:
        return parse_corrections(b"")
    except OSError as error:
        raise DataError(f"expected a file {path}, which can't be read: {error.strerror}") from error
    return parse_corrections(content, path)


def write_corrections(corrections: pd.DataFrame, path: Path | str = PATH) -> None:
    """Writes the columns COLUMNS, sorted by sha256 so that two branches' corrections merge, in one step."""
    with replacing(path) as beside:
        table = corrections[COLUMNS].sort_values("sha256")
        table.to_csv(beside, index=False, lineterminator="\n", encoding="utf-8")


def correct(scan: Scan, corrections: pd.DataFrame) -> tuple[Scan, list[str]]:
    """The scan with the corrections applied, and the SHA-256 of those whose photo is not here.

    Photos to leave out get the reason `excluded`. Files with the same bytes are corrected alike, so that a correction
    settles two labels of one photo.

    Raises:
        DataError: a photo that is here is to have a label that is no class here.
    """
    wanted = dict(zip(corrections["sha256"], corrections["label"], strict=True))
    here = {photo.sha256 for photo in scan.photos if photo.sha256}
    known = {*scan.labels, EXCLUDE}
    if strange := sorted({label for sha256, label in wanted.items() if sha256 in here and label not in known}):
        raise DataError(
            f"{PATH}: expected the label of a class ({', '.join(scan.labels)}) or {EXCLUDE}, "
            f"received {', '.join(map(repr, strange))}"
        )
    photos = []
    for photo in scan.photos:
        label = wanted.get(photo.sha256)
        if label is None or photo.reason:
            photos.append(photo)
        elif label == EXCLUDE:
            photos.append(photo._replace(reason="excluded", detail=str(PATH)))
        else:
            photos.append(photo._replace(label=label))
    return Scan(photos, scan.labels, scan.given), [sha256 for sha256 in wanted if sha256 not in here]
