"""A folder that runs wholly in a browser: the page, the ONNX file, and ONNX Runtime compiled to WebAssembly."""

import hashlib
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from idealcat.base.artifacts import LABELS, LIMITS
from idealcat.base.cache import cache_folder
from idealcat.base.errors import EngineError
from idealcat.base.files import read_json, replacing_folder, write_json
from idealcat.export.formats import onnx
from idealcat.export.formats.format import Runner
from idealcat.export.page.files import page_files
from idealcat.photos.pixels import Pixels

if TYPE_CHECKING:
    from idealcat.networks.backend import keras

VERSION = "1.30.0"
RUNTIME = {  # of the npm package onnxruntime-web, by their SHA-256
    "ort.wasm.bundle.min.mjs": "11e64bd8ffe11bd1a2a2f0d6275fdfbbba7262f0b76b99b53d228a8a22ef3d90",
    "ort-wasm-simd-threaded.wasm": "3398c10d07d229bd91b364548e130e0e51a8e5704b88c7c083ebbeb78842dee2",
}

CODE = """\
# A web server has to hand the files out, since browsers load no modules from disk; nothing else is asked of it.
import http.server
import functools

handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory="browser")
http.server.ThreadingHTTPServer(("127.0.0.1", 8000), handler).serve_forever()  # then open http://127.0.0.1:8000
"""


class Browser(onnx.Onnx):
    """Checked by ONNX Runtime on this machine, of the same file; Chromium is held against it in the tests."""

    def convert(self, classifier: "keras.Model", folder: Path, samples: np.ndarray) -> None:
        """As `Format.convert`; takes the labels that lie beside `folder`, and the limits, where there are any.

        The features lie behind the probabilities, for the score of unknowns.
        """
        from idealcat.networks.joined import with_features

        super().convert(with_features(classifier), folder, samples)
        shutil.copyfile(folder.parent / LABELS.path.name, folder / LABELS.path.name)
        limits = folder.parent / LIMITS.path.name
        if limits.exists():
            shutil.copyfile(limits, folder / limits.name)
        else:
            write_json(folder / limits.name, {"reason": "none came with this model"})
        for name, path in page_files("browser").items():
            shutil.copyfile(path, folder / name)
        for name in RUNTIME:
            shutil.copyfile(runtime() / name, folder / name)

    def load(self, folder: Path, *, pixels: Pixels) -> Runner:
        """ONNX Runtime on the processor; the probabilities alone."""
        run, classes = super().load(folder, pixels=pixels), len(read_json(folder / LABELS.path.name))
        return lambda photo: run(photo)[:classes]


def runtime() -> Path:
    """The folder of ONNX Runtime for browsers: fetched once, by npm from its registry, and kept in the cache.

    Raises:
        EngineError: npm is missing or fails, or the files are not those that are expected.
    """
    kept = cache_folder() / "onnxruntime-web" / VERSION
    if not kept.exists():
        with replacing_folder(kept) as beside, tempfile.TemporaryDirectory() as folder:
            _fetch(Path(folder), beside)
    return kept


def _fetch(folder: Path, target: Path) -> None:
    command = ["npm", "pack", "--silent", f"onnxruntime-web@{VERSION}"]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        reason = " ".join(str(getattr(error, "stderr", "") or error).split())[-300:]
        raise EngineError(
            f"export.formats: browser needs onnxruntime-web {VERSION}, which npm fetches once ({reason}); "
            "install npm, or leave the format out"
        ) from error
    with tarfile.open(folder / done.stdout.split()[-1]) as archive:
        for name, digest in RUNTIME.items():
            member = archive.extractfile(f"package/dist/{name}")
            content = member.read() if member else b""
            if hashlib.sha256(content).hexdigest() != digest:
                raise EngineError(f"onnxruntime-web {VERSION}: expected {name} with SHA-256 {digest}, received another")
            (target / name).write_bytes(content)


FORMAT = Browser("browser", "a browser", ("onnx", "tf2onnx", "onnxruntime"), "classifier.onnx", CODE)
