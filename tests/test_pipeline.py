"""The pipeline as its users run it: `dvc repro` in a clone."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
PROJECT = (
    "dvc.yaml",
    "params.yaml",
    "corrections.csv",
    ".dvcignore",
    "idealcat",
    "stages",
    "photos",
    "metrics/dvc.yaml",
)

STAGES = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]


def run(*command: str) -> str:
    return subprocess.run([sys.executable, "-m", *command], check=True, capture_output=True, text=True).stdout


def stages_of(printed: str) -> list[str]:
    """The stages that a `dvc repro` ran."""
    return [line.split("'")[1] for line in printed.splitlines() if line.startswith("Running")]


def choose(**sections: dict) -> None:
    params = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))
    for name, values in sections.items():
        params[name] |= values
    Path("params.yaml").write_text(yaml.safe_dump(params, sort_keys=False), encoding="utf-8")


@pytest.fixture
def clone(tmp_path, monkeypatch):
    """A repository of the project's files, without results, with small photos and few steps chosen."""
    folder = tmp_path / "clone"
    folder.mkdir()
    for name in PROJECT:
        source = ROOT / name
        copy = shutil.copytree if source.is_dir() else shutil.copy
        (folder / name).parent.mkdir(exist_ok=True)
        copy(source, folder / name)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("IDEALCAT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=":")
    subprocess.run(["git", "init", "-q"], check=True)
    run("dvc", "init", "-q")
    run("dvc", "config", "core.analytics", "false")
    choose(
        fetch_data={"sketches": {"per_class": 60}},
        backbone={"image_size": 64},
        evaluate={"bootstrap_samples": 100},
        corrupt={"photos": 4},
        generate_ideal={"steps": 2, "imagenet_classes": [], "judge": None},
        generate_adversarial={"images": 4, "steps": 4, "epsilons": [0, 8], "minimal_steps": 5},
    )
    return folder


@pytest.mark.slow
def test_repro_runs_all_stages_once_and_restores_a_result(clone):
    assert run("dvc", "repro").count("Running stage") == len(STAGES)
    assert stages_of(run("dvc", "repro")) == ["fetch_data"]  # which looks at every run for what is new
    shown = json.loads(run("dvc", "plots", "show", "--json"))
    assert {"Confusion", "ROC", "Calibration", "Loss", "Accuracy"} <= set(shown["data"])
    assert "accuracy" in run("dvc", "metrics", "show", "--json")
    first = Path("metrics/evaluate.json").read_bytes()
    choose(train_classifier={"class_weight": "balanced"})
    assert stages_of(run("dvc", "repro", "evaluate")) == ["fetch_data", "train_classifier", "evaluate"]
    choose(train_classifier={"class_weight": "none"})
    assert stages_of(run("dvc", "repro")) == ["fetch_data"]
    assert Path("metrics/evaluate.json").read_bytes() == first


@pytest.mark.parametrize(
    ("param", "spared"),
    [
        ("train_classifier.dropout", {"preprocess", "fetch_backbone", "extract_features", "draw_imagenet"}),
        ("backbone.name", {"preprocess"}),
        ("generate_ideal.imagenet_classes", {*STAGES} - {"fetch_data", "draw_imagenet", "report"}),
        ("preprocess.test_fraction", {"fetch_backbone", "draw_imagenet"}),
    ],
)
def test_a_change_of_params_spares_what_does_not_hang_on_it(param, spared):
    reached: set[str] = set()
    written: list[str] = []
    for name, stage in STAGES.items():  # in running order
        asked = any(f"{param}.".startswith(f"{key}.") for key in stage.get("params", []))
        if asked or any(Path(read).is_relative_to(path) for read in stage["deps"] for path in written):
            reached.add(name)
            outs = [*stage.get("outs", []), *stage.get("metrics", [])]
            written += [out if isinstance(out, str) else next(iter(out)) for out in outs]
    assert {*STAGES} - reached - {"fetch_data"} == spared


@pytest.mark.slow
def test_photos_added_to_a_folder_are_found_and_move_no_other(clone, tmp_path):
    run("stages.fetch_data")
    shutil.copytree("data/raw", tmp_path / "album")
    late = sorted((tmp_path / "album").glob("*/*_00[45]?.jpg"))
    for path in late:
        path.rename(tmp_path / path.name)
    choose(fetch_data={"source": "directory", "path": str(tmp_path / "album")})
    run("dvc", "repro", "preprocess")
    before = splits()
    for path in late:
        (tmp_path / path.name).rename(path)
    assert "Running stage 'fetch_data'" in run("dvc", "repro", "preprocess")
    after = splits()
    assert len(late) > 20
    assert len(after) == len(before) + len(late)
    assert before.items() <= after.items()


@pytest.mark.slow
def test_fault_in_params_stops_everything_before_it_works(clone):
    choose(train_classifier={"dropout": 7})
    failed = subprocess.run([sys.executable, "-m", "dvc", "repro"], check=False, capture_output=True, text=True)
    assert failed.returncode != 0
    assert "train_classifier.dropout: should be less than 1; received 7" in failed.stdout + failed.stderr
    assert not Path("data/raw").exists()


@pytest.mark.slow
def test_clone_without_any_cache_computes_what_was_committed(clone, tmp_path, monkeypatch):
    choose(extract_features={"engine": "keras"})
    run("dvc", "repro", "extract_features")
    subprocess.run(["git", "add", "-A"], check=True)
    subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-qm", "a"], check=True)
    first = Path("data/features/features.parquet").read_bytes()
    for folder in (".dvc/cache", "data"):
        shutil.rmtree(folder)
    monkeypatch.setenv("IDEALCAT_CACHE", str(tmp_path / "other"))
    run("dvc", "repro", "extract_features")
    assert Path("data/features/features.parquet").read_bytes() == first


@pytest.mark.slow
@pytest.mark.parametrize("keep", ["copy", "reference"])
def test_clone_on_a_machine_without_the_source_uses_the_photos_of_the_commit(clone, tmp_path, keep):
    run("stages.fetch_data")
    shutil.copytree("data/raw", "photos", dirs_exist_ok=True, ignore=shutil.ignore_patterns("listing.csv"))
    choose(fetch_data={"source": "directory", "keep": keep})
    Path(".gitignore").write_text("/photos/*\n!/photos/README.md\n/data\n/runs\n")
    run("dvc", "remote", "add", "-d", "storage", str(tmp_path / "storage"))
    run("dvc", "repro", "preprocess")
    run("dvc", "push", "-q")
    subprocess.run(["git", "add", "-A"], check=True)
    subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-qm", "a"], check=True)
    subprocess.run(["git", "clone", "-q", ".", tmp_path / "other"], check=True)
    os.chdir(tmp_path / "other")
    told = subprocess.run(
        [sys.executable, "-m", "dvc", "repro", "--pull", "--allow-missing", "preprocess"],
        check=True,
        capture_output=True,
        text=True,
    )
    assert "photos is not on this machine" in told.stderr
    assert stages_of(told.stdout) == ["fetch_data"]
    before = yaml.safe_load((clone / "dvc.lock").read_text())["stages"]["fetch_data"]["outs"]
    assert yaml.safe_load(Path("dvc.lock").read_text())["stages"]["fetch_data"]["outs"] == before


def splits() -> dict[str, str]:
    lines = Path("data/manifest.csv").read_text(encoding="utf-8").splitlines()[1:]
    return {line.split(",")[0]: line.split(",")[2] for line in lines}
