"""The registry's champion beside the classifier of this folder."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from idealcat.base.errors import IdealcatError, PhotoError
from idealcat.serving.photo_classifier import PhotoClassifier
from ops.shared.registry import champion, classifier_of
from ops.shared.tracking import connect, store_uri

Found = tuple[str, PhotoClassifier]  # the version's number, and its classifier


class Champion:
    """Looked up when it is first asked about: MLflow takes seconds to start, and need not be there at all."""

    def __init__(self, own: PhotoClassifier, find: Callable[[], Found | None]) -> None:
        self._own, self._find = own, find
        self._found: Found | None = None
        self._lock = threading.Lock()

    def about(self) -> dict[str, Any]:
        """Its `version`, and whether it is the `same` model; without one the `reason`, if it is worth a line."""
        with self._lock:
            try:
                self._found = self._found or self._find()
            except IdealcatError as error:
                return {"reason": str(error)}
        return {"version": self._found[0], "same": self._same()} if self._found else {}

    def answer(self, content: bytes) -> dict[str, Any] | None:
        """What it says of a photo, or its `error`; None where it has not been found, or is the same model."""
        if self._found is None or self._same():
            return None
        version, classifier = self._found
        try:
            return {"version": version} | classifier.answer(classifier.outputs(content))
        except PhotoError as error:
            return {"version": version, "error": str(error)}

    def _same(self) -> bool:
        return self._found is not None and self._found[1].model == self._own.model


def registered() -> Found | None:
    """The registry's champion; None where nothing was ever published. Raises IdealcatError where there is none."""
    uri = store_uri()
    if uri.startswith("sqlite:///") and not Path(uri.removeprefix("sqlite:///")).exists():
        return None  # to look would make a store
    client = connect()
    version = champion(client)
    return str(version.version), classifier_of(client, version)
