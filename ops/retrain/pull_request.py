"""Opens a pull request with GitHub's own command, `gh`, where both are there."""

import os
import re
import shutil
import tempfile
from contextlib import suppress
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
    if not on_github(url):
        return f"no pull request: {remote} is not on GitHub; open one from {branch} by hand"
    if shutil.which("gh") is None:
        return f"no pull request: gh is not installed; open one from {branch} by hand"
    pulls = "repos/{owner}/{repo}/pulls"  # of the repository here, as gh knows it
    before = _gh("api", f"{pulls}?state=all&head={{owner}}:{branch}", "--jq", ".[].html_url", cwd=cwd)
    if before:
        return f"pull request {before.splitlines()[0]} was opened before"
    title, _, body = message.partition("\n")
    with tempfile.TemporaryDirectory(prefix="idealcat-") as folder:
        file = Path(folder) / "body.md"
        file.write_text(body.strip()[:LONGEST], encoding="utf-8")
        texts = {"head": branch, "base": base, "title": title}
        fields = [word for key, text in texts.items() for word in ("--raw-field", f"{key}={text}")]
        made = _gh("api", pulls, *fields, "--field", f"body=@{file}", "--jq", ".html_url", cwd=cwd)
    return f"pull request {made.splitlines()[-1]}"


def on_github(url: str) -> bool:
    """Whether a remote lies on GitHub, or on the host that GH_HOST names; ssh says what an alias of its stands for."""
    named = re.fullmatch(r"(?:(\w[\w+.-]*)://)?(?:[^@/]*@)?([^/:]+)(?::.*|/.*)?", url)
    if not named:
        return False
    scheme, host = named.groups()
    if scheme in ("ssh", "git+ssh") or (scheme is None and ":" in url):
        with suppress(FileNotFoundError):
            told = dict(line.split(" ", 1) for line in ended("ssh", "-G", host).text.splitlines() if " " in line)
            host = told.get("hostname", host)
    return host.lower() in {"github.com", "ssh.github.com", os.environ.get("GH_HOST", "github.com").lower()}


def _gh(*arguments: str, cwd: Path) -> str:
    done = ended("gh", *arguments, cwd=cwd, environment={"GH_PROMPT_DISABLED": "1"})
    if done.code:
        raise GitError(f"gh {arguments[0]}: {done.complaint}")
    return done.text
