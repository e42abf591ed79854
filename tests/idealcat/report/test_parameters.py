import pytest

from idealcat.report.parameters import printable_value, shown_parameters


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("/home/ann/photos", ".../photos"),
        ("~/photos", ".../photos"),
        ("../photos", ".../photos"),
        ("photos", "photos"),
        ("https://ann:secret@example.org/a.zip?token=1", "https://example.org/a.zip"),
        (0.00001, "1e-05"),
        (None, "null"),
        (True, "true"),
    ],
)
def test_parameters_tell_nothing_of_the_machine(value, expected):
    assert printable_value(value) == expected


def test_parameters_are_named_by_their_section():
    assert shown_parameters({"a": {"b": {"c": 1}}, "d": 2}) == [("a.b.c", "1"), ("d", "2")]
