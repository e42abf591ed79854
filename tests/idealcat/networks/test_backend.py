import importlib
import sys

import pytest

from idealcat.networks.backend import _without


def test_a_package_that_nothing_needs_is_hidden_only_meanwhile(monkeypatch):
    monkeypatch.delitem(sys.modules, "ftplib", raising=False)
    with _without(("ftplib", "json")):
        assert importlib.import_module("json")  # imported before
        with pytest.raises(ImportError):
            importlib.import_module("ftplib")
    assert importlib.import_module("ftplib")
