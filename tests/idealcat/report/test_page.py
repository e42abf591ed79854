import pytest

from idealcat.report.page import code_span, legible, number, percent


@pytest.mark.parametrize(
    ("text", "expected"),
    [("cat", "`cat`"), ("a`b", "``a`b``"), ("`", "`` ` ``"), ("a|b", "`a\\|b`"), ("a\nb", "`a\\nb`"), ("", "`  `")],
)
def test_code_span_holds_any_text_on_one_line(text, expected):
    assert code_span(text) == expected


def test_what_does_not_print_is_shown_as_an_escape():
    assert legible("a\u202eb\x00") == "a\\u202eb\\x00"


def test_long_text_is_cut_in_the_middle():
    assert legible("a" * 500 + ".jpg").endswith("aa.jpg")
    assert len(legible("a" * 500)) == 80


@pytest.mark.parametrize(
    ("share", "expected"), [(0.985, "98.5"), (1, "100"), (0, "0"), (0.9999, "99.990"), (0.0001, "0.010")]
)
def test_percent_never_rounds_to_none_or_all(share, expected):
    assert percent(share) == f"{expected}\u00a0%"


def test_percent_of_a_share_too_near_to_none_or_all_says_so():
    assert percent(0.9999999) == "&gt; 99.999\u00a0%"
    assert percent(1e-9) == "&lt; 0.001\u00a0%"


def test_numbers_keep_what_they_say():
    assert [number(value) for value in (12345, 0.044542, 1.0, None)] == ["12,345", "0.04454", "1", "–"]
