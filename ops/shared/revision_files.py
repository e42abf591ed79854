"""The project's files as DVC has them at a commit, wherever in its git repository the project lies."""

from pathlib import PurePosixPath
from typing import Any

from ops.shared.repository import git


class RevisionFiles:
    """The files of a commit, or (None) of the work tree; paths are relative to the project's folder, with slashes."""

    def __init__(self, commit: str | None, *, config: dict[str, Any] | None = None) -> None:
        from dvc.fs import DVCFileSystem  # noqa: PLC0415 slow to import

        # At a commit DVC begins at the git repository's root, where a project below is one of its own.
        self._below = git("rev-parse", "--show-prefix") if commit else ""
        self._files = DVCFileSystem(rev=commit, subrepos=bool(self._below), config=config)

    def read(self, path: str) -> bytes:
        """Raises FileNotFoundError, or what a remote's library raises."""
        content: bytes = self._files.cat_file(self._below + path)
        return content

    def exists(self, path: str) -> bool:
        """Whether the commit has the file or folder."""
        return bool(self._files.exists(self._below + path))

    def get(self, path: str, place: str) -> None:
        """Copies a file or folder to a place on this machine."""
        self._files.get(self._below + path, place, recursive=True)

    def in_git(self, folder: str) -> list[str]:
        """The names in a folder that git holds, past DVC, which would look for its remote; none where there is none."""
        under = self._files.repo.fs
        try:
            found = under.ls(under.join(self._files.repo.root_dir, self._below + folder), detail=False)
        except (FileNotFoundError, NotADirectoryError):
            return []
        return [PurePosixPath(path).name for path in found]
