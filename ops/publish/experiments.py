"""The experiments of `dvc exp`, each a git commit under refs/exps, laid out as a folder that publish can read."""

import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from io import BytesIO
from pathlib import Path

from ops.publish.files import cached
from ops.shared.children import shown
from ops.shared.experiments import experiment_commits
from ops.shared.repository import git_bytes
from ops.shared.result import Result, read_result
from ops.shared.revision_files import RevisionFiles


def experiment_results() -> Iterator[tuple[str, AbstractContextManager[Result]]]:
    """Name and result of every experiment; the results' folders last as long as their contexts."""
    for name, commit in experiment_commits():
        yield name, _checked_out(commit)


@contextmanager
def _checked_out(commit: str) -> Iterator[Result]:
    with tempfile.TemporaryDirectory(prefix="idealcat-") as name:
        folder = Path(name)
        with tarfile.open(fileobj=BytesIO(git_bytes("archive", commit))) as archive:
            archive.extractall(folder, filter="data")
        result = read_result(folder, commit)
        _fetch(commit, result, folder)
        yield result


def _fetch(commit: str, result: Result, folder: Path) -> None:
    """What DVC's cache or remote has of the experiment's outs; the rest stays away."""
    from dvc.exceptions import DvcException  # noqa: PLC0415 slow to import
    from dvc_data.index import DataIndexDirError  # noqa: PLC0415

    try:
        files = RevisionFiles(commit)
        for out in cached():
            if result.md5(out) and files.exists(out):
                (folder / out).parent.mkdir(parents=True, exist_ok=True)
                files.get(out, str(folder / out))
    except (DvcException, DataIndexDirError, OSError) as error:
        print(f"  without what neither DVC's cache nor a remote has: {shown(error)}")
