"""Where the project is: the folder with .dvc, whatever folder inside it a program starts in."""

import os
from pathlib import Path

# Folders of the project in which copies of it run: DVC's experiments, and the worktree of a retraining.
COPIES = ((".dvc", "tmp", "exps"), (".dvc", "tmp", "retrain"))


def project_root(folder: Path | None = None) -> Path:
    """The nearest folder with .dvc, of `folder` (default: the current one) and those above it; without one, `folder`.

    Of a temporary copy of the project it is the project that the copy was made of.
    """
    start = (folder or Path.cwd()).resolve()
    parts = start.parts
    for index in range(len(parts) - 2):
        if parts[index : index + 3] in COPIES:
            return project_root(Path(*parts[:index]))
    return next((place for place in (start, *start.parents) if (place / ".dvc").is_dir()), start)


def from_root(path: str) -> Path:
    """An absolute path: a relative one starts at the project's root, wherever a program runs; ~ is the user's home."""
    return Path(os.path.normpath(project_root() / Path(path).expanduser()))
