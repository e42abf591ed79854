"""Where the project is: the folder that its runs, locks and worktrees belong to."""

from pathlib import Path

from ops.shared.repository import asked


def main_root(folder: Path | None = None) -> Path:
    """The root of the main work tree: the same for its linked work trees and for DVC's temporary experiment folders."""
    folder = (folder or Path.cwd()).resolve()
    parts = folder.parts
    for index in range(len(parts) - 2):
        if parts[index : index + 3] == (".dvc", "tmp", "exps"):
            return main_root(Path(*parts[:index]))
    found = asked("rev-parse", "--path-format=absolute", "--git-common-dir", cwd=folder)
    git = Path(found) if found else None
    return git.parent if git and git.name == ".git" else folder
