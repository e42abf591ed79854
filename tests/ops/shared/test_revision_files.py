import subprocess
import sys

import pytest

from ops.shared.revision_files import RevisionFiles


@pytest.mark.slow
@pytest.mark.parametrize("below", [".", "teams/cats"])
def test_files_of_a_commit_are_found_wherever_the_project_lies(below, tmp_path, monkeypatch):
    """Those that git holds, and those in DVC's cache alone."""
    project = tmp_path / below
    (project / "metrics").mkdir(parents=True)
    (project / "metrics/evaluate.json").write_text("{}")
    (project / "table.csv").write_text("a,b\n")
    monkeypatch.chdir(project)
    for command in (
        ["git", "init", "-q", str(tmp_path)],
        [sys.executable, "-m", "dvc", "init", "-q", "--subdir"],
        [sys.executable, "-m", "dvc", "add", "-q", "table.csv"],
        ["git", "add", "-A"],
        ["git", "-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-qm", "a"],
    ):
        subprocess.run(command, check=True)
    (project / "table.csv").unlink()
    files = RevisionFiles("HEAD")
    assert files.in_git("metrics") == ["evaluate.json"] and files.in_git("photos") == []
    assert (files.read("metrics/evaluate.json"), files.read("table.csv")) == (b"{}", b"a,b\n")
    assert files.exists("table.csv") and not files.exists("other.csv")
    files.get("table.csv", "copy.csv")
    assert (project / "copy.csv").read_text() == "a,b\n"
