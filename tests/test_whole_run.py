"""The whole pipeline on a preset of KerasHub and on PyTorch; on JAX it takes twice as long: see tests/whole_run.py."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.small_preset import save_small_preset

ROOT = Path(__file__).parent.parent


@pytest.mark.slow
def test_every_stage_runs_on_a_transformer(tmp_path):
    if importlib.util.find_spec("torch") is None:
        pytest.skip("no torch: pip install -r requirements-backends.txt")
    preset = save_small_preset(tmp_path / "vit")
    (tmp_path / "run").mkdir()
    cache = {"IDEALCAT_CACHE": str(tmp_path / "cache"), "IDEALCAT_LIVE": "0", "CUDA_VISIBLE_DEVICES": "-1"}
    ran = subprocess.run(
        [sys.executable, "-m", "tests.whole_run", str(tmp_path / "run"), str(preset)],
        cwd=ROOT,
        env=os.environ | {"KERAS_BACKEND": "torch"} | cache,
        check=False,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    assert (tmp_path / "run/metrics/report.html").is_file()
    assert "keras_hub" in (tmp_path / "run/data/backbone/backbone.json").read_text()
