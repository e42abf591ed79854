from idealcat.base.cache import cache_folder
from idealcat.base.project import project_root


def test_root_is_the_folder_with_dvc_also_of_temporary_copies(tmp_path):
    below = tmp_path / "project/deep/er"
    copies = [tmp_path / "project/.dvc/tmp/exps/tmp1", tmp_path / "project/.dvc/tmp/retrain/x/up/tree/part"]
    for folder in (below, *copies):
        (folder / ".dvc").mkdir(parents=True)
    (below / ".dvc").rmdir()
    assert {project_root(folder) for folder in (below, *copies)} == {tmp_path / "project"}
    assert project_root(tmp_path) == tmp_path


def test_relative_cache_is_the_same_in_a_temporary_copy(tmp_path, monkeypatch):
    copy = tmp_path / ".dvc/tmp/exps/tmp1"
    copy.mkdir(parents=True)
    monkeypatch.chdir(copy)
    monkeypatch.setenv("IDEALCAT_CACHE", "../cache")
    assert cache_folder() == tmp_path.parent / "cache"
