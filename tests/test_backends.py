"""Keras's JAX and PyTorch backends give what TensorFlow gives."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from idealcat.extraction.engines.engine import TOLERANCE
from idealcat.extraction.parity import relative_error

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent


def figures(backend: str, folder: Path) -> dict[str, np.ndarray]:
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"no {backend}: pip install -r requirements-backends.txt")
    command = [sys.executable, "-m", "tests.backend_figures", str(folder)]
    environment = os.environ | {"KERAS_BACKEND": backend, "CUDA_VISIBLE_DEVICES": "-1"}
    ran = subprocess.run(command, cwd=ROOT, env=environment, check=False, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr[-3000:]
    with np.load(folder / f"{backend}.npz") as file:
        return dict(file)


@pytest.fixture(scope="module")
def tensorflow(tmp_path_factory):
    """TensorFlow's figures and the folder with its networks."""
    folder = tmp_path_factory.mktemp("backends")
    return figures("tensorflow", folder), folder


@pytest.fixture(scope="module", params=["jax", "torch"])
def both(request, tensorflow):
    """Another backend's figures, and TensorFlow's."""
    expected, folder = tensorflow
    return figures(request.param, folder), expected


@pytest.mark.parametrize("name", ["features_efficientnet_lite0", "features_mobilenet_v2", "logits", "evidence"])
def test_features_logits_and_evidence_are_tensorflows(both, name):
    received, expected = both
    assert relative_error(received[name], expected[name]) < TOLERANCE


@pytest.mark.parametrize("loss", [0, 3])
def test_gradients_are_tensorflows(both, loss):
    received, expected = both
    np.testing.assert_allclose(received[f"losses_{loss}"], expected[f"losses_{loss}"], rtol=1e-3)
    name = f"gradients_{loss}"
    errors = [relative_error(received[name][[place]], expected[name][[place]]) for place in range(8)]
    # The last bit decides on which side of a ReLU's kink a unit lies, so that a photo may differ in a patch.
    assert np.median(errors) < TOLERANCE
    assert max(errors) < 0.1


def test_attacks_and_ideal_images_are_tensorflows(both):
    received, expected = both
    assert np.mean(received["attacked"] != expected["attacked"]) < 0.02
    assert np.quantile(np.abs(received["ideal"] - expected["ideal"]), 0.98) < 0.01


def test_training_takes_tensorflows_steps(both):
    received, expected = both
    np.testing.assert_allclose(received["trained"], expected["trained"], rtol=1e-3, atol=1e-5)
