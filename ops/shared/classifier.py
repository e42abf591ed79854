"""Which classifier a command asks."""

from idealcat.base.artifacts import CLASSIFIER
from idealcat.base.quiet import quiet_start
from idealcat.serving.conversion import local_classifier
from idealcat.serving.photo_classifier import PhotoClassifier
from ops.shared.registry import champion, classifier_of
from ops.shared.tracking import connect


def chosen_classifier(which: str | None) -> PhotoClassifier:
    """The `local` one or the registry's `champion`; None: the local one where there is one. Raises IdealcatError."""
    with quiet_start():
        if which == "local" or (which is None and CLASSIFIER.path.exists()):
            return local_classifier()
        client = connect()
        return classifier_of(client, champion(client))
