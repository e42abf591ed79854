import os
import time

import pytest

from idealcat.photos.ledger import Stamp, ledger_path, open_ledger, stamp_of

OLD = str(10**18)  # nanoseconds: long ago


@pytest.fixture(autouse=True)
def _cache(tmp_path, monkeypatch):
    monkeypatch.setenv("IDEALCAT_CACHE", str(tmp_path / "cache"))


def test_what_was_noted_is_known_to_the_same_root_alone():
    with open_ledger("/a") as ledger:
        ledger.note_file("1.jpg", Stamp(5, OLD), "ab")
        ledger.note_verdict("rules", "ab", "good")
    with open_ledger("/a") as ledger:
        assert ledger.digests() == {"1.jpg": (Stamp(5, OLD), "ab")}
        assert ledger.verdicts("rules") == {"ab": "good"}
        assert ledger.verdicts("other rules") == {}
    with open_ledger("/b") as ledger:
        assert (ledger.digests(), ledger.verdicts("rules")) == ({}, {})
        assert ledger.verdict("rules", "ab") == "good"  # bytes are the same everywhere


def test_a_file_that_may_change_within_its_time_is_not_noted(tmp_path):
    (tmp_path / "1.jpg").write_bytes(b"a")
    with open_ledger("/a") as ledger:
        ledger.note_file("1.jpg", stamp_of(tmp_path / "1.jpg"), "ab")
        ledger.note_file("2.jpg", Stamp(1, "an ETag"), "cd")
        ledger.flush()
        assert list(ledger.digests()) == ["2.jpg"]
        os.utime(tmp_path / "1.jpg", (time.time() - 10, time.time() - 10))
        ledger.note_file("1.jpg", stamp_of(tmp_path / "1.jpg"), "ab")
        ledger.flush()
        assert sorted(ledger.digests()) == ["1.jpg", "2.jpg"]


def test_what_was_noted_is_kept_when_the_work_breaks_off():
    with pytest.raises(KeyboardInterrupt), open_ledger("/a") as ledger:
        ledger.note_file("1.jpg", Stamp(5, OLD), "ab")
        raise KeyboardInterrupt
    with open_ledger("/a") as ledger:
        assert list(ledger.digests()) == ["1.jpg"]


@pytest.mark.parametrize("content", [b"this is no database, whatever it is called" * 40, None])
def test_a_ledger_that_cannot_be_used_is_done_without(capsys, content):
    ledger_path().parent.mkdir(parents=True)
    if content is None:
        ledger_path().mkdir()
    else:
        ledger_path().write_bytes(content)
    with open_ledger("/a") as ledger:
        ledger.note_file("1.jpg", Stamp(5, OLD), "ab")
        ledger.flush()
        assert ledger.digests() == {}
    assert "photos.sqlite can't be used" in capsys.readouterr().err
