"""Opens a pull request with GitHub's own command, `gh`, where both are there."""

import os
import shutil
import tempfile
from pathlib import Path

from ops.shared.children import ended
from ops.shared.repository import GitError, git

LONGEST = 60_000  # characters of a body; GitHub takes 65,536


def open_pull_request(branch: str, base: str, message: str, *, remote: str, cwd: Path) -> str:
    """Opens it unless one was opened before. Returns what was done, or why nothing was, in words.

    Raises:
        GitError: gh is there and failed.
    """
    url = git("remote", "get-url", remote, cwd=cwd)
    if "github.com" not in url and not os.environ.get("GH_HOST"):
        return f"no pull request: {remote} is not on GitHub; open one from {branch} by hand"
    if shutil.which("gh") is None:
        return f"no pull request: gh is not installed; open one from {branch} by hand"
    before = _gh("pr", "list", "--head", branch, "--state", "all", "--json", "url", "--jq", ".[].url", cwd=cwd)
    if before:
        return f"pull request {before.splitlines()[0]} was opened before"
    title, _, body = message.partition("\n")
    with tempfile.TemporaryDirectory(prefix="idealcat-") as folder:
        file = Path(folder) / "body.md"
        file.write_text(body.strip()[:LONGEST], encoding="utf-8")
        made = _gh(
            "pr", "create", "--head", branch, "--base", base, "--title", title, "--body-file", str(file), cwd=cwd
        )
    return f"pull request {made.splitlines()[-1]}"


def _gh(*arguments: str, cwd: Path) -> str:
    done = ended("gh", *arguments, cwd=cwd, environment={"GH_PROMPT_DISABLED": "1"})
    if done.code:
        raise GitError(f"gh {' '.join(arguments[:2])}: {done.complaint}")
    return done.text
