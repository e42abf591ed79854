"""The linear head beside peers on the same features: `python -m benchmarks.heads [NAME=]PLACE[+CHANGE] ...`.

A PLACE is a folder or source as `python -m ops.compare` takes it. Every photo is scored by a head that has not seen it
nor one of its group (5 folds); each peer chooses its own settings within the other four. The change `+COUNT` keeps
COUNT photos of the last class, so that classes are uneven; `+two` learns from two photos a class and is scored on the
others.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import binomtest
from sklearn.linear_model import LogisticRegressionCV
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from threadpoolctl import threadpool_limits

from benchmarks.features import NETWORK, Photos, features, uneven
from benchmarks.results import machine, markdown, write_section
from idealcat.base.files import read_json, write_json
from idealcat.statistics.folds import assign_folds, inner_folds
from idealcat.statistics.probabilities import softmax
from idealcat.training.linear import fit_linear_head
from idealcat.training.temperature import fit_temperature

KEPT = Path("runs/heads.json")  # the rows of earlier calls: one call need not measure all sets
MANY = 20  # classes
SVM_ROWS = 500  # photos by which the support vector machine chooses its settings
TITLE = "Heads: ours and scikit-learn's on the same features"
Fit = Callable[[Photos, np.ndarray, int], np.ndarray]


def main() -> None:
    """Writes a table, a row a data set and head."""
    rows: dict[str, list[dict[str, object]]] = read_json(KEPT) if KEPT.is_file() else {}
    for argument in sys.argv[1:]:
        place, _, change = argument.partition("+")
        name, photos = features(place)
        if change.isdigit():
            photos = uneven(photos, int(change))
        parts = [two_a_class(photos, seed) for seed in range(10)] if change == "two" else five_folds(photos)
        title = f"{name}{', two a class' if change == 'two' else ''}, {len(photos[1])}"
        parts = parts[:2] if photos[1].max() >= MANY else parts  # minutes a fold
        with threadpool_limits(1):
            rows[title] = judged(title, photos, parts)
        write_json(KEPT, rows)
    note = (
        "p: McNemar's exact test of our accuracy against the peer's, either way. Log loss in nats, of heads with "
        "probabilities, and the mean difference with its 95 % interval, photo by photo. Seconds: of one fold, the "
        "choice of settings included, on a shared machine. Two a class: ten draws share the photos that they are "
        "scored on, so that p is too small, and intervals too narrow."
    )
    table = markdown([row for some in rows.values() for row in some])
    write_section(TITLE, f"{machine('scikit-learn', 'numpy')} {NETWORK}. {note}\n\n{table}")


def judged(title: str, photos: Photos, parts: list[np.ndarray]) -> list[dict[str, object]]:
    """The rows of one data set; `parts` say which photos are learnt from."""
    vectors, labels, groups = photos
    truth = np.concatenate([labels[~learnt] for learnt in parts])
    classes = int(labels.max()) + 1
    majority = np.concatenate([np.full((~learnt).sum(), np.bincount(labels[learnt]).argmax()) for learnt in parts])
    ours, losses = np.empty(0), np.empty(0)
    rows: list[dict[str, object]] = []
    for name, fit in HEADS.items():
        start = time.perf_counter()
        probabilities = np.concatenate(
            [fit((vectors[learnt], labels[learnt], groups[learnt]), vectors[~learnt], classes) for learnt in parts]
        )
        seconds = (time.perf_counter() - start) / len(parts)
        right = probabilities.argmax(axis=1) == truth
        loss = -np.log(np.clip(probabilities[np.arange(len(truth)), truth], 1e-15, 1))
        if name == "ours":
            ours, losses = right, loss
        only_choices = name.startswith(("SVM", "kNN"))
        rows.append(
            {
                "photos": title,
                "head": name,
                "accuracy": f"{right.mean():.4f}",
                "p": "" if name == "ours" else f"{exact_test(right, ours):.3f}",
                "log loss": "" if only_choices else f"{loss.mean():.4f}",
                "ours less theirs": "" if only_choices or name == "ours" else mean_with_interval(losses - loss),
                "seconds": f"{seconds:.1f}",
            }
        )
        print(rows[-1], flush=True)
    largest = f"{(majority == truth).mean():.4f}"
    return [*rows, {"photos": title, "head": "always the largest class", "accuracy": largest}]


def mean_with_interval(differences: np.ndarray) -> str:
    """The mean and its 95 % interval."""
    mean, half = differences.mean(), 1.96 * differences.std(ddof=1) / len(differences) ** 0.5
    return f"{mean:+.4f} ({mean - half:+.4f} to {mean + half:+.4f})"


def exact_test(right_a: np.ndarray, right_b: np.ndarray) -> float:
    """The two-sided p-value of McNemar (1947): whether both are right as often, on photos where only one is."""
    apart = int((right_a != right_b).sum())
    return float(binomtest(int((right_a & ~right_b).sum()), apart).pvalue) if apart else 1.0


def two_a_class(photos: Photos, seed: int) -> np.ndarray:
    """Which photos are learnt from: two of each class, drawn."""
    rng = np.random.default_rng(seed)
    learnt = np.zeros(len(photos[1]), bool)
    for label in np.unique(photos[1]):
        learnt[rng.choice(np.flatnonzero(photos[1] == label), 2, replace=False)] = True
    return learnt


def five_folds(photos: Photos) -> list[np.ndarray]:
    """Which photos are learnt from, of each fold."""
    folds = assign_folds(pd.Series(photos[1]), pd.Series(photos[2]), count=5)
    return [folds != fold for fold in range(5)]


def fit_ours(photos: Photos, others: np.ndarray, classes: int) -> np.ndarray:
    """The linear head as the pipeline trains it."""
    vectors, labels, groups = photos
    fit = fit_linear_head(vectors, labels, inner_folds(labels, groups), classes=classes)
    temperature = fit_temperature(fit.logits, labels[fit.rows])
    return softmax(fit.head.logits(others).astype("float64") / temperature)


def peer(build: Callable[[StratifiedKFold], Pipeline]) -> Fit:
    """A peer of scikit-learn's; where it has no probabilities, its choice counts as sure."""

    def fit(photos: Photos, others: np.ndarray, classes: int) -> np.ndarray:
        vectors, labels, _ = photos
        count = max(2, min(5 if classes < MANY else 3, np.bincount(labels).min()))
        model = build(StratifiedKFold(count, shuffle=True, random_state=0)).fit(vectors, labels)
        if not hasattr(model, "predict_proba"):
            return np.eye(classes)[model.predict(others)]
        return model.predict_proba(others)

    return fit


def logistic(folds: StratifiedKFold) -> Pipeline:
    """LogisticRegressionCV with ten strengths, on standardised features."""
    model = LogisticRegressionCV(
        Cs=np.logspace(-6, 2, 10),
        cv=folds,
        scoring="neg_log_loss",
        max_iter=500,
        l1_ratios=(0,),
        use_legacy_attributes=False,
    )
    return make_pipeline(StandardScaler(), model)


def fit_machine(photos: Photos, others: np.ndarray, classes: int) -> np.ndarray:
    """A support vector machine with an RBF kernel; SVM_ROWS photos choose its settings, all train it."""
    vectors, labels, _ = photos
    rows = np.random.default_rng(0).permutation(len(labels))[:SVM_ROWS] if classes < MANY else np.arange(len(labels))
    count = max(2, min(3 if classes >= MANY else 5, np.bincount(labels[rows])[np.unique(labels[rows])].min()))
    grid = {"svc__C": [1, 10, 100], "svc__gamma": ["scale", 0.3 / vectors.shape[1]]}
    model = make_pipeline(StandardScaler(), SVC())
    folds = StratifiedKFold(count, shuffle=True, random_state=0)
    search = GridSearchCV(model, grid, cv=folds, refit=False).fit(vectors[rows], labels[rows])
    return np.eye(classes)[model.set_params(**search.best_params_).fit(vectors, labels).predict(others)]


def neighbours(folds: StratifiedKFold) -> Pipeline:
    """The nearest neighbours by cosine."""
    grid = {"n_neighbors": [1, 3, 5, 9, 15]}
    small = {"n_neighbors": [1]}
    choice = GridSearchCV(KNeighborsClassifier(metric="cosine"), small if folds.n_splits < 5 else grid, cv=folds)
    return make_pipeline(choice)


HEADS: dict[str, Fit] = {
    "ours": fit_ours,
    "LogisticRegressionCV": peer(logistic),
    "SVM, RBF": fit_machine,
    "kNN": peer(neighbours),
}

if __name__ == "__main__":
    main()
