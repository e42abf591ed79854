import pandas as pd

from idealcat.audit.issues import COLUMNS
from idealcat.report.sections.labels import SHOWN, issue_groups


def test_issues_are_counted_and_their_first_photos_shown():
    rows = [(f"p{number}", "", "cat", "dog", "label", 0.5, "") for number in range(20)]
    table = pd.DataFrame([*rows, ("q", "", "cat", "", "dark", 0.1, "")], columns=COLUMNS)
    first, second = issue_groups(table)
    assert (first["issue"], first["count"], len(first["photos"])) == ("label", 20, SHOWN["label"])
    assert (second["issue"], second["photos"][0]["path"]) == ("dark", "q")
