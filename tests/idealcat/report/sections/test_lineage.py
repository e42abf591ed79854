from idealcat.report.sections import lineage


def test_other_backends_are_named_only_where_keras_runs_on_them(monkeypatch):
    monkeypatch.setattr(lineage, "version", lambda name: "1")
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    assert "jax" not in dict(lineage.libraries())
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    assert dict(lineage.libraries())["jax"] == "1"
