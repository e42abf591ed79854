import numpy as np
import pytest

from idealcat.training.classifier import held_out_metrics, summary


def test_the_majority_stands_beside_the_accuracy():
    logits = np.log([[0.9, 0.1], [0.8, 0.2], [0.6, 0.4]])
    metrics = held_out_metrics(logits, np.array([0, 0, 1]))
    assert metrics["validation_accuracy"] == metrics["majority_accuracy"] == pytest.approx(2 / 3, abs=1e-6)
    assert metrics["validation_log_loss"] == pytest.approx(-np.log(0.9 * 0.8 * 0.4) / 3, abs=1e-6)


@pytest.mark.parametrize(
    "accuracy, said", [(0.9, "the largest class alone gives 0.700"), (0.7, "NO BETTER than always")]
)
def test_a_head_that_the_majority_equals_says_so(accuracy, said):
    metrics = {"head": "linear", "validation_accuracy": accuracy, "majority_accuracy": 0.7}
    assert said in summary(metrics)


def test_steps_that_were_used_up_are_told():
    metrics = {"head": "mlp", "validation_accuracy": 0.9, "majority_accuracy": 0.5, "ended_by_cap": True}
    assert "train_classifier.steps" in summary(metrics)
