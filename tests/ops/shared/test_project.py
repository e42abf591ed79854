from ops.shared.project import main_root


def test_temporary_experiment_belongs_to_its_repository(tmp_path):
    folder = tmp_path / ".dvc/tmp/exps/tmp1"
    folder.mkdir(parents=True)
    assert main_root(folder) == tmp_path
