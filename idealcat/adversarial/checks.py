"""Attacks held against one another: verdicts that contradict themselves mean nothing."""

from idealcat.adversarial.robustness import BlackBox, Verdicts
from idealcat.base.errors import AttackError

NEARLY_ALL = 0.1  # the robust accuracy that an undefended classifier may keep at LARGE and above
LARGE = 8.0  # grey levels


def check(by_epsilon: list[Verdicts], *, images: int, clean: int, black_box: BlackBox) -> None:
    """Fails as Carlini et al. (2019), "On evaluating adversarial robustness", advise.

    `by_epsilon` rises from epsilon 0; its verdicts are of the `clean` photos out of `images` that the saved classifier
    gets right.

    Raises:
        AttackError: the attacks contradict one another; the message names the check.
    """
    slack = max(1, round(0.02 * images))  # photos; each attack is a search, which may miss one
    right = [int((~verdicts.fooled).sum()) for verdicts in by_epsilon]
    if right[0] != clean:
        _fail("epsilon 0 equals clean accuracy", f"{clean} right", f"{right[0]} at epsilon 0")
    for verdicts, before, after in zip(by_epsilon[1:], right, right[1:], strict=False):
        if after > before + slack:
            _fail("the curve never rises", f"at most {before} right at epsilon {verdicts.epsilon:g}", str(after))
    largest = by_epsilon[-1]
    if largest.epsilon >= LARGE and right[-1] > NEARLY_ALL * images + slack:
        _fail("the largest epsilon beats nearly all", f"at most {NEARLY_ALL:.0%} of {images} right", str(right[-1]))
    # Over all epsilons together: at most of them one of the two fools either all photos or none.
    single, iterated = (
        sum(int(verdicts.fooled_by[name].sum()) for verdicts in by_epsilon) for name in ("fgsm", "apgd")
    )
    if iterated < single - slack:
        _fail("iterated attacks are no weaker than FGSM", f"at least {single} fooled over all epsilons", str(iterated))
    missed = int((black_box.fooled & ~black_box.fooled_by_others).sum())
    if missed:
        _fail(
            "white box no weaker than black box",
            f"gradients to fool all {int(black_box.fooled.sum())} photos at epsilon {black_box.epsilon:g} that Square "
            "attack fools",
            f"{missed} that they don't",
        )


def _fail(check: str, expected: str, received: str) -> None:
    raise AttackError(f"check failed: {check}; expected {expected}, received {received}")
