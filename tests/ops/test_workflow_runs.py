"""CI's own commands, run as GitHub and GitLab run them, against stand-ins for both, an S3 server and an MLflow server.

A pull request, one from a fork, and nights. What installs is left out: the environment of the tests is used. So is
`make check`, which runs these tests.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.ops.hosting import GITLAB, REPOSITORY, TOKEN, hosting
from tests.ops.jobs import Ran, gitlab_job
from tests.ops.project import NEW, OLD, copied
from tests.ops.servers import free_port, running, s3
from tests.ops.team import OPTIONS, SECRETS, Team

pytestmark = pytest.mark.slow


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
        (team.root / "photos").rename(team.folder / "photos")
        for name in ("params.yaml", "dvc.lock"):
            text = (team.root / name).read_text()
            (team.root / name).write_text(text.replace("path: photos\n", f"path: {team.drive}\n"))
        params = yaml.safe_load((team.root / "params.yaml").read_text())
        params["review"]["margins"]["accuracy"] = 0.2  # what so few photos can show
        (team.root / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False))
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


@pytest.fixture(scope="module")
def nightly(team) -> Iterator[Team]:
    """The team once its photos are there, and a tracking server."""
    if shutil.which("gh") is None:
        pytest.skip("gh is not installed: apt-get install gh")
    (team.folder / "photos").rename(team.drive)
    port = free_port()
    command = (sys.executable, "-m", "mlflow", "server", "--workers", "1", "--port", str(port))
    command += ("--backend-store-uri", f"sqlite:///{team.folder}/mlflow.db")
    command += ("--artifacts-destination", str(team.folder / "artifacts"))
    with running(*command, port=port, log=team.folder / "mlflow.log", env=team.environment):
        team.mlflow = f"http://127.0.0.1:{port}"
        yield team


def test_night_without_new_photos_changes_nothing(nightly):
    _, ran = nightly.night("quiet")
    assert set(ran.codes.values()) == {0}, ran.log
    assert "nothing new: the photos are those of main" in ran.log
    assert nightly.branches(nightly.bare) == []
    assert nightly.host.pull_requests == []
    assert nightly.models() == {}


def test_two_clones_that_publish_at_once_register_a_result_once(nightly):
    other = shutil.copytree(nightly.root, nightly.folder / "other/work", symlinks=True)
    environment = nightly.environment | {"MLFLOW_TRACKING_URI": nightly.mlflow}
    both = [
        subprocess.Popen([sys.executable, "-m", "ops.publish"], cwd=folder, env=environment, stdout=subprocess.PIPE)
        for folder in (nightly.root, other)
    ]
    told = [process.communicate()[0].decode() for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert all("model idealcat version" in text for text in told), told
    assert len(nightly.models()) == 1
    (run,) = nightly.client.search_runs([nightly.client.get_experiment_by_name("idealcat").experiment_id])
    assert run.data.tags["idealcat.complete"] == "yes"


@pytest.fixture(scope="module")
def grown(nightly) -> tuple[Path, Ran]:
    """A night with new photos, after main's result has become the champion."""
    for command in ("publish", "promote"):
        nightly.run(sys.executable, "-m", f"ops.{command}", MLFLOW_TRACKING_URI=nightly.mlflow)
    shutil.copytree(nightly.folder / "later", nightly.drive, dirs_exist_ok=True)
    return nightly.night("grown")


def test_night_with_new_photos_opens_a_pull_request_and_promotes_through_the_gate(nightly, grown):
    _, ran = grown
    assert set(ran.codes.values()) == {0}, ran.log
    assert f"features: {2 * NEW} computed, {2 * OLD} reused" in ran.log
    (branch,) = nightly.branches(nightly.bare)
    commit = nightly.git("rev-parse", branch, folder=nightly.bare)
    assert nightly.git("rev-parse", f"{branch}~1", folder=nightly.bare) == nightly.git("rev-parse", "main")
    (opened,) = nightly.host.pull_requests
    assert (opened["head"], opened["base"]) == (branch, "main")
    assert opened["title"] == f"Retrain on {2 * (OLD + NEW)} photos, data {branch.removeprefix('retrain/')}"
    assert "**Accuracy: " in opened["body"]
    assert "not inferior by a margin of 20" in ran.log
    aliases, models = nightly.aliases(), nightly.models()
    assert models[aliases["champion"]]["idealcat.commit"] == commit
    assert models[aliases["previous"]]["idealcat.commit"] == nightly.git("rev-parse", "main")


def test_night_on_gitlab_asks_for_a_merge_request(nightly, grown):
    """In the clone that trained already, as its branch never reached the host: it does what is left."""
    folder, _ = grown
    (branch,) = nightly.branches(nightly.bare)
    nightly.git("branch", "-q", "-D", branch, folder=nightly.bare)
    variables = {"CI_PROJECT_DIR": str(folder), "CI_SERVER_HOST": GITLAB, "CI_PROJECT_PATH": REPOSITORY}
    variables |= {"CI_DEFAULT_BRANCH": "main", "GITLAB_TOKEN": TOKEN, "MLFLOW_TRACKING_URI": nightly.mlflow, **SECRETS}
    variables["IDEALCAT_CACHE"] = str(nightly.folder / "home/.cache/idealcat")
    ran = gitlab_job("retrain", folder, nightly.environment | variables)
    assert ran.codes == {"script": 0}, ran.log
    assert f"branch {branch} is there already" in ran.log
    assert nightly.branches(nightly.bare) == [branch]
    asked = (nightly.bare / "options").read_text().splitlines()
    assert asked == ["merge_request.create", "merge_request.target=main"]
    assert "is the champion already" in ran.log
    assert len(nightly.host.pull_requests) == 1
