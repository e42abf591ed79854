"""A git worktree of its own, in which the pipeline can run while the user's files stay as they are.

It lies in .dvc/tmp/retrain, shares DVC's cache and settings, and sees the user's sources where params.yaml names them
by relative paths. What a killed run left there is removed by the next one.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import yaml

from ops.shared.project import main_root
from ops.shared.repository import GitError, git

FOLDER = Path(".dvc/tmp/retrain")
# Keys of params.yaml that may name a file or folder of the user's.
SOURCES = (
    ("fetch_data", "path"),
    ("backbone", "weights"),
    ("generate_ideal", "start"),
    ("generate_adversarial", "transfer"),
)


@contextmanager
def worktree(root: Path, commit: str) -> Iterator[Path]:
    """The project's folder in a work tree with `commit` checked out, its head detached; removed at the end, always.

    Raises:
        GitError: the commit can't be checked out.
    """
    folder = main_root(root) / FOLDER
    remove_stale(root, folder)
    folder.mkdir(parents=True)
    # A name of its own: what a killed run's children still write goes to its own folder, which is gone.
    own = Path(tempfile.mkdtemp(dir=folder))
    paths = source_paths(git("show", f"{commit}:./params.yaml", cwd=root))
    tree = own.joinpath(*["up"] * max([0, *map(_levels_up, paths)]), "tree")
    try:
        git("worktree", "add", "--quiet", "--detach", str(tree), commit, cwd=root)
        project = tree / (git("rev-parse", "--show-prefix", cwd=root) or ".")  # it may lie below the repository's root
        share_dvc(root, project, own)
        link_sources(root, project, paths)
        yield project
    finally:
        remove_stale(root, folder)


def remove_stale(root: Path, folder: Path) -> None:
    """Removes all worktrees in `folder`, and git's records of them."""
    for line in git("worktree", "list", "--porcelain", cwd=root).splitlines():
        path = Path(line.removeprefix("worktree "))
        if line.startswith("worktree ") and folder.resolve() in path.resolve().parents:
            with suppress(GitError):  # locked while it was being made
                git("worktree", "unlock", str(path), cwd=root)
    shutil.rmtree(folder, ignore_errors=True)
    git("worktree", "prune", cwd=root)


def share_dvc(root: Path, tree: Path, own: Path) -> None:
    """Gives the worktree the cache and logins of the user's repository; relative paths lead where they lead there."""
    from dvc.config import Config, merge  # noqa: PLC0415 slow to import

    local = tree / ".dvc/config.local"
    local.touch(mode=0o600)  # it may hold a remote's password
    with Config(dvc_dir=str(tree / ".dvc"), validate=False).edit("local", validate=False) as settings:
        for file in (tree / ".dvc/config", root / ".dvc/config.local"):
            if file.exists():
                # A worktree lies elsewhere: its relative remotes are resolved as if they stood in the user's folder.
                merge(settings, Config._load_paths(Config.load_file(str(file)), str(root / ".dvc" / file.name)))
        settings["cache"].setdefault("dir", str(root / ".dvc/cache"))
        settings["core"]["site_cache_dir"] = str(own / "site")  # elsewhere it would outlive this folder


def source_paths(params: str) -> list[str]:
    """The relative paths of sources in the text of a params.yaml."""
    content = yaml.safe_load(params)
    named = (content.get(section, {}).get(key) for section, key in SOURCES)
    return [path for path in named if isinstance(path, str) and not Path(path).is_absolute()]


def link_sources(root: Path, tree: Path, paths: list[str]) -> None:
    """Lets relative paths lead where they lead from the user's folder; single files that git has stay git's."""
    for path in paths:
        there, here = (root / path).resolve(), Path(os.path.normpath(tree / path))
        if not there.exists() or here == tree:
            continue
        if here.is_dir() and not here.is_symlink():
            shutil.rmtree(here)  # what git has of it: of `photos` its README alone
        if not here.exists():
            here.parent.mkdir(parents=True, exist_ok=True)
            here.symlink_to(there)


def _levels_up(path: str) -> int:
    return Path(os.path.normpath(path)).parts.count("..")
