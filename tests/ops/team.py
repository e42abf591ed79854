"""A team's project: on a git host, with its data on S3, and runs of CI's jobs in clones of it."""

import base64
from pathlib import Path
from typing import Any

from tests.ops.hosting import GITHUB, REPOSITORY, TOKEN, Hosting
from tests.ops.jobs import Ran, github_job
from tests.ops.project import Project

SECRETS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
OPTIONS = """#!/bin/sh
[ "${GIT_PUSH_OPTION_COUNT:-0}" = 0 ] || env | sed -n 's/^GIT_PUSH_OPTION_[0-9]*=//p' | sort > options
"""  # a hook that keeps the options of a push


def login() -> str:
    """The header by which actions/checkout lets git push."""
    return f"AUTHORIZATION: basic {base64.b64encode(f'x-access-token:{TOKEN}'.encode()).decode()}"


class Team(Project):
    """The project on a host, its data on S3, its photos on a drive that is not there before the nights."""

    host: Hosting
    mlflow: str  # the address of the tracking server

    @property
    def drive(self) -> Path:
        return self.folder / "drive"

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

    def night(self, name: str) -> tuple[Path, Ran]:
        """The retraining on GitHub, in a new clone of main, whose pushes bear the token as actions/checkout sets it."""
        folder = self.clone(name, at="origin/main")
        self.git("config", f"http.https://{GITHUB}/.extraheader", login(), folder=folder)
        self.git("checkout", "-q", "-B", "main", folder=folder)
        secrets = SECRETS | {"MLFLOW_TRACKING_URI": self.mlflow}
        context = {"github": {"repository": REPOSITORY, "token": TOKEN}, "secrets": secrets}
        return folder, github_job("retrain", folder, self.environment, context)

    def models(self) -> dict[str, dict[str, str]]:
        """The registered versions of the model and their tags."""
        found = self.client.search_model_versions("name = 'idealcat'")
        return {str(version.version): dict(version.tags) for version in found}

    def aliases(self) -> dict[str, str]:
        return {alias: str(number) for alias, number in self.client.get_registered_model("idealcat").aliases.items()}

    @property
    def client(self) -> Any:
        from mlflow import MlflowClient

        return MlflowClient(self.mlflow, registry_uri=self.mlflow)  # whatever another test has set

    def merge(self, topic: str) -> str:
        """The commit that GitHub makes of a pull request's branch and main."""
        tree = self.git("rev-parse", f"{topic}^{{tree}}")
        commit = self.git("commit-tree", "-p", "main", "-p", topic, "-m", f"Merge {topic}", tree)
        self.git("push", "-q", "origin", f"{commit}:refs/heads/merged-{topic}")
        return commit
