from idealcat.base.nested import flatten


def test_leaves_have_dotted_names():
    assert dict(flatten({"a": {"b": 1, "c": {"d": 2}}})) == {"a.b": 1, "a.c.d": 2}


def test_what_is_whole_is_a_leaf():
    pair = {"x": 1, "y": 2}
    assert dict(flatten({"a": pair, "b": {"x": 1}}, whole=lambda content: len(content) == 2 and "x" in content)) == {
        "a": pair,
        "b.x": 1,
    }


def test_empty_mapping_is_a_leaf():
    assert dict(flatten({"a": {}})) == {"a": {}}
