"""Where the run comes from: files, libraries, parameters."""

import os
from importlib.metadata import PackageNotFoundError, version

from idealcat.base.artifacts import CLASSIFIER, MANIFEST
from idealcat.report.parameters import shown_parameters
from idealcat.report.results import Results, sha256
from idealcat.report.sections.interface import Content, Section

LIBRARIES = (
    "keras",
    "tensorflow",
    "ai-edge-litert",
    "MNN",
    "numpy",
    "pandas",
    "pyarrow",
    "pillow",
    "matplotlib",
)


def content(results: Results) -> Content:
    """Hashes of what was used, versions of what it was used with, and every setting that shapes a result."""
    hashes = [(artifact.path.as_posix(), sha256(artifact)) for artifact in (MANIFEST, CLASSIFIER)]
    params = shown_parameters(results.params.content(without="review"))
    return Content({"hashes": hashes, "libraries": libraries(), "params": params})


def libraries() -> list[tuple[str, str]]:
    """The installed ones of those that shape a result, with their versions.

    JAX or PyTorch is one only where Keras runs on it: what merely lies beside must not change the report.
    """
    found = []
    for name in dict.fromkeys([*LIBRARIES, os.environ.get("KERAS_BACKEND", "tensorflow")]):
        try:
            found.append((name, version(name)))
        except PackageNotFoundError:
            continue
    return found


SECTION = Section("lineage", "Lineage", "Where this comes from", (MANIFEST, CLASSIFIER), content)
