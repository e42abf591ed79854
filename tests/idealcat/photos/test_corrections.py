import pandas as pd
import pytest

from idealcat.base.errors import DataError
from idealcat.photos.corrections import COLUMNS, correct, parse_corrections, read_corrections, write_corrections
from idealcat.photos.photo import Photo
from idealcat.photos.scan import Scan

A, B, C = ("a" * 64, "b" * 64, "c" * 64)


def corrections(*rows):
    return pd.DataFrame(rows, columns=COLUMNS)


def test_labels_are_put_right_and_photos_left_out_by_their_bytes():
    scan = Scan([Photo("1", "cat", A), Photo("2", "dog", A), Photo("3", "dog", B)], ["cat", "dog"])
    found, unknown = correct(scan, corrections((A, "dog", ""), (B, "exclude", "a drawing"), (C, "fox", "elsewhere")))
    assert [(photo.label, photo.reason) for photo in found.photos] == [("dog", ""), ("dog", ""), ("dog", "excluded")]
    assert unknown == [C]


def test_a_photo_that_can_not_be_read_keeps_its_reason():
    found, unknown = correct(
        Scan([Photo("1", "cat", A, reason="corrupt")], ["cat"]), corrections((A, "exclude", ""), (B, "cat", ""))
    )
    assert (found.photos[0].reason, unknown) == ("corrupt", [B])


def test_a_label_that_is_no_class_is_named():
    with pytest.raises(DataError, match=r"expected the label of a class \(cat, dog\) or exclude, received 'Dog'"):
        correct(Scan([Photo("1", "cat", A)], ["cat", "dog"]), corrections((A, "Dog", "")))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("sha256,label\n", "expected the columns sha256,label,reason in corrections.csv, received sha256,label"),
        (f"sha256,label,reason\n{A},,x\n", "expected a label or exclude"),
        ("sha256,label,reason\nabc,cat,x\n", "received 'abc'"),
        (f"sha256,label,reason\n{A},cat,\n{A},dog,\n", "expected one line a photo"),
        (f"sha256,label,reason\n{A},cat,a,b,c\n{B},cat\n", "corrections.csv"),
        ("sha256,label,reason\n\xff", "expected a CSV"),
    ],
)
def test_a_file_of_another_kind_is_one_error(content, message):
    with pytest.raises(DataError, match=message):
        parse_corrections(content.encode("latin-1"))


def test_a_missing_and_an_empty_file_hold_none(tmp_path):
    (tmp_path / "empty.csv").touch()
    assert len(read_corrections(tmp_path / "absent.csv")) == len(read_corrections(tmp_path / "empty.csv")) == 0


def test_what_was_written_is_read_sorted(tmp_path):
    some = corrections((B, "NA", 'the "first", of two'), (A, "001", ""))
    write_corrections(some, tmp_path / "some.csv")
    assert read_corrections(tmp_path / "some.csv").to_numpy().tolist() == some[::-1].to_numpy().tolist()


def test_a_spreadsheet_may_write_it():
    content = f"sha256,label,reason\r\n{A},cat,\r\n".encode("utf-8-sig")
    assert parse_corrections(content)["label"].tolist() == ["cat"]
