import errno

import pytest

from idealcat.base.errors import DataError
from idealcat.base.files import read_json
from idealcat.base.runs import peak_memory_bytes, run_stage


def test_run_is_written_with_the_stages_counts(workspace):
    run_stage("demo", lambda: {"photos": 3})
    run = read_json("runs/demo.json")
    assert run["photos"] == 3
    assert run["seconds"] >= 0
    assert run["peak_memory_bytes"] > 1_000_000


def test_error_of_the_user_is_one_line_and_exit_code_1(workspace, capsys):
    def fail():
        raise DataError("no photos")

    with pytest.raises(SystemExit) as caught:
        run_stage("demo", fail)
    assert caught.value.code == "demo: no photos"


def test_peak_memory_rises_with_what_is_held():
    before = peak_memory_bytes()
    held = bytearray(200_000_000)
    held[::4096] = b"x" * len(held[::4096])
    assert peak_memory_bytes() >= before
    assert peak_memory_bytes() > 200_000_000


def test_a_full_disk_ends_the_stage_with_one_line(workspace):
    def main():
        raise OSError(errno.ENOSPC, "", "features.parquet")

    with pytest.raises(SystemExit, match=r"^a_stage: features\.parquet: No space left on device; make room"):
        run_stage("a_stage", main)
