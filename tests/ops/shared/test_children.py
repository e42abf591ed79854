import sys

from ops.shared.children import dvc_failure, ended, shown


def test_secrets_are_not_shown(monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "s3cret")
    assert shown("http://ann:pw@host:5000 said\ns3cret") == "http://***@host:5000 said ***"


def test_program_that_says_nothing_complains_with_its_exit_code():
    done = ended(sys.executable, "-c", "raise SystemExit(7)")
    assert (done.code, done.complaint) == (7, "exit code 7")


def test_failed_stage_speaks_for_itself():
    lines = [
        "preprocess: 5 of 5 photos used, 0 rejected",
        "fetch_data: no such file or folder: album",
        "ERROR: failed to reproduce 'fetch_data': failed to run: python -m stages.fetch_data, exited with 1",
    ]
    assert dvc_failure(lines) == "fetch_data: no such file or folder: album"


def test_stage_that_crashed_is_named_by_dvc():
    error = "failed to reproduce 'evaluate': exited with 1"
    assert dvc_failure(["preprocess: 5 of 5 photos used", f"ERROR: {error}"]) == error
