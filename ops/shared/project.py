"""Where what belongs to the project lies: runs, locks, worktrees. The same for all work trees of its repository."""

from pathlib import Path

from idealcat.base.project import project_root
from ops.shared.repository import asked


def main_root(folder: Path | None = None) -> Path:
    """The project's root in the repository's main work tree; for a project in no linked work tree, its own root.

    A bare repository, and one whose main work tree has not the project, has a folder `idealcat` in git's own folder for
    it: linked work trees are removed, and what was in them is gone.

    Raises:
        GitError: git refuses to answer.
    """
    root = project_root(folder)
    own = asked("rev-parse", "--path-format=absolute", "--git-dir", cwd=root)
    common = asked("rev-parse", "--path-format=absolute", "--git-common-dir", cwd=root)
    if own is None or common is None or own == common:
        return root
    main = _main_work_tree(Path(common))
    top = asked("rev-parse", "--path-format=absolute", "--show-toplevel", cwd=root)
    place = main / root.relative_to(Path(top).resolve()) if main and top else None
    return place if place and (place / ".dvc").is_dir() else Path(common) / "idealcat"


def address(uri: str) -> str:
    """An MLflow address; a relative path in one starts at `main_root`, in whatever folder a command runs."""
    for start in ("sqlite:///", "file:"):
        if uri.startswith(start):
            path = uri.removeprefix(start)
            if start == "file:" and not path.startswith("/"):
                return (main_root() / path).resolve().as_uri()
            if start == "sqlite:///" and path and not path.startswith((":memory:", "?")):
                return f"{start}{main_root() / path}"
            return uri
    return uri if "://" in uri or uri.startswith("databricks") else str(main_root() / uri)


def _main_work_tree(common: Path) -> Path | None:
    """That of the repository whose git folder this is; None where it has none."""
    named = asked("--git-dir", str(common), "config", "core.worktree")  # a submodule's
    if named:
        return (common / named).resolve()
    bare = asked("--git-dir", str(common), "config", "--type=bool", "core.bare") == "true"
    return common.parent if common.name == ".git" and not bare else None
