"""CI's own commands, run as GitHub and GitLab run them, against stand-ins for both and an S3 server.

A pull request, and one from a fork. What installs is left out: the environment of the tests is used. So is
`make check`, which runs these tests.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.ops.hosting import GITHUB, GITLAB, REPOSITORY, TOKEN, Hosting, hosting
from tests.ops.jobs import Ran, github_job, gitlab_job
from tests.ops.project import Project, copied
from tests.ops.servers import s3

pytestmark = pytest.mark.slow
SECRETS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
OPTIONS = """#!/bin/sh
[ "${GIT_PUSH_OPTION_COUNT:-0}" = 0 ] || env | sed -n 's/^GIT_PUSH_OPTION_[0-9]*=//p' | sort > options
"""  # a hook that keeps the options of a push


class Team(Project):
    """The project on a host, its data on S3."""

    host: Hosting

    @property
    def bare(self) -> Path:
        return self.folder / "remote.git"

    def clone(self, name: str, *, at: str, address: str = f"https://{GITHUB}/{REPOSITORY}") -> Path:
        """As actions/checkout and GitLab's runner do: every branch is fetched, one commit checked out."""
        folder = self.folder / name / "cats"
        self.git("clone", "-q", "--no-checkout", address, str(folder), folder=self.folder)
        self.git("checkout", "-q", "--detach", at, folder=folder)
        return folder

    def review(self, folder: Path, *, by: str, secrets: dict[str, str], only: str = "") -> Ran:
        """A pull request from the repository `by`."""
        request = {"number": 1, "base": {"ref": "main"}, "head": {"repo": {"full_name": by}}}
        github = {"event": {"pull_request": request}, "repository": REPOSITORY, "token": TOKEN}
        return github_job("review", folder, self.environment, {"github": github, "secrets": secrets}, only=only)

    def merge(self, topic: str) -> str:
        """The commit that GitHub makes of a pull request's branch and main."""
        tree = self.git("rev-parse", f"{topic}^{{tree}}")
        commit = self.git("commit-tree", "-p", "main", "-p", topic, "-m", f"Merge {topic}", tree)
        self.git("push", "-q", "origin", f"{commit}:refs/heads/merged-{topic}")
        return commit


@pytest.fixture(scope="module")
def team(tmp_path_factory) -> Iterator[Team]:
    for name in ("openssl", "curl"):
        if shutil.which(name) is None:
            pytest.skip(f"{name} is not installed: apt-get install {name}")
    team = Team(copied(tmp_path_factory, "team"))
    with hosting(team.folder) as team.host, s3(team.folder) as endpoint:
        team.environment |= team.host.environment
        team.git("init", "-q", "--bare", "-b", "main", str(team.bare), folder=team.folder)
        team.git("config", "receive.advertisePushOptions", "true", folder=team.bare)
        (team.bare / "hooks/post-receive").write_text(OPTIONS)
        (team.bare / "hooks/post-receive").chmod(0o755)
        team.start(team.root)
        team.run("dvc", "remote", "add", "-d", "storage", "s3://idealcat/data")
        team.run("dvc", "remote", "modify", "storage", "endpointurl", endpoint)
        team.run("dvc", "push", "-q", **SECRETS)
        team.git("add", "-A")
        team.git("commit", "-qm", "first")
        team.git("remote", "add", "origin", str(team.bare))
        team.git("push", "-q", "origin", "main")
        yield team


@pytest.fixture(scope="module")
def reviewed(team) -> tuple[Path, Ran]:
    """The pull request of a branch that changes a parameter and has no results yet."""
    team.git("checkout", "-q", "-b", "topic")
    params = yaml.safe_load((team.root / "params.yaml").read_text())
    params["evaluate"]["calibration_bins"] = 5
    (team.root / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False))
    team.git("commit", "-qam", "Fewer bins")
    folder = team.clone("pull", at="origin/main")
    team.git("fetch", "-q", str(team.root), team.merge("topic"), folder=folder)
    team.git("checkout", "-q", "--detach", "FETCH_HEAD", folder=folder)
    team.git("checkout", "-q", "main")
    return folder, team.review(folder, by=REPOSITORY, secrets=SECRETS)


def test_pull_request_runs_what_is_missing_and_is_reviewed(reviewed):
    folder, ran = reviewed
    assert [line for line in ran.log.splitlines() if line.startswith("Running")] == [
        "Running stage 'fetch_data':",
        "Running stage 'evaluate':",
    ]
    assert {name: code for name, code in ran.codes.items() if code and name != "Comment"} == {}
    page = (folder.parent / "summary").read_text()
    assert "| `evaluate.calibration_bins` | `10` | `5` |" in page
    assert "**Accuracy: within noise" in page
    assert page == (folder / "review.md").read_text()


def test_pull_request_has_one_comment_that_is_kept_up_to_date(team, reviewed):
    folder, ran = reviewed
    if shutil.which("gh") is None:
        pytest.skip("gh is not installed: apt-get install gh")
    assert ran.codes["Comment"] == 0, ran.log
    team.host.comments.append({"id": 2, "user": {"login": "bob"}, "body": "<!-- idealcat review --> is what it says"})
    (folder / "review.md").write_text("# Another page")
    assert team.review(folder, by=REPOSITORY, secrets=SECRETS, only="Comment").codes == {"Comment": 0}
    first, second = team.host.comments
    assert first["body"] == "<!-- idealcat review -->\n# Another page"
    assert second["user"]["login"] == "bob"


@pytest.fixture(scope="module")
def finished(team, reviewed) -> str:
    """The branch of a colleague who took the results of that review; its data is on S3."""
    folder, _ = reviewed
    for key, value in {"user.name": "Bob", "user.email": "bob@example.com"}.items():
        team.git("config", key, value, folder=folder)
    team.git("add", "dvc.lock", "metrics", folder=folder)
    team.git("commit", "-qm", "Results", folder=folder)
    team.run("dvc", "push", "-q", folder=folder, **SECRETS)
    team.git("push", "-q", str(team.bare), "HEAD:refs/heads/finished", folder=folder)
    return "origin/finished"


def test_fork_gets_a_review_without_secrets_and_no_comment(team, finished):
    before = len(team.host.comments)
    folder = team.clone("fork", at=finished)
    ran = team.review(folder, by="bob/cats", secrets={})
    assert set(ran.codes.values()) == {0}, ran.log
    assert "Comment" not in ran.codes
    assert "Running stage 'evaluate'" not in ran.log
    page = (folder.parent / "summary").read_text()
    assert "**Accuracy: " in page
    assert "No paired test, since the " in page
    assert len(team.host.comments) == before


def test_merge_request_has_one_note_that_is_kept_up_to_date(team, finished):
    folder = team.clone("request", at=finished, address=f"https://{GITLAB}/{REPOSITORY}.git")
    variables = {"CI_API_V4_URL": f"https://{GITLAB}/api/v4", "CI_PROJECT_ID": "1", "CI_MERGE_REQUEST_IID": "1"}
    variables |= {"CI_PROJECT_DIR": str(folder), "GITLAB_TOKEN": TOKEN, **SECRETS}
    variables["CI_MERGE_REQUEST_DIFF_BASE_SHA"] = team.git("rev-parse", "main")
    variables["IDEALCAT_CACHE"] = str(team.folder / "home/.cache/idealcat")
    ran = gitlab_job("review", folder, team.environment | variables)
    assert ran.codes == {"script": 0, "after_script": 0}, ran.log
    assert "Running stage 'evaluate'" not in ran.log
    (note,) = team.host.notes
    assert note["body"] == "<!-- idealcat review -->\n" + (folder / "review.md").read_text()
    assert "**Accuracy: within noise" in note["body"]
    (folder / "review.md").write_text("# Another page")
    gitlab_job("review", folder, team.environment | variables, only="after_script")
    assert [note["body"] for note in team.host.notes] == ["<!-- idealcat review -->\n# Another page"]
