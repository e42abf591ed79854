"""Every exported format beside Keras on the whole test split: `python -m benchmarks.formats`, in a project's folder.

Before it, `dvc repro export` with `export.formats: [onnx, litert, litert_int8, openvino, browser]`. What each format
answered in its own runtime is in metrics/export.json. The page in data/export/browser is asked here, in Chromium with
the network off, about each photo twice: about the pixels that Keras was given, as PNG, and about the photo's own file,
which Chromium decodes by itself.
"""

import base64
import io
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from PIL import Image
from tqdm import tqdm

from benchmarks.chromium import chromium, go_offline, handed_out
from benchmarks.results import PATH, machine, markdown, write_section
from idealcat.base.artifacts import EXPORT, metrics_of
from idealcat.base.files import read_json
from idealcat.base.params import load_params
from idealcat.networks.classifier import load_classifier, run_on_photos
from idealcat.networks.model_input import pixels_of
from idealcat.photos.manifest import read_manifest
from idealcat.photos.pixels import Pixels
from idealcat.photos.read import decoded_photo, photo_bytes, photos_of
from idealcat.statistics import intervals

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

RUNTIMES = {
    "onnx": "ONNX Runtime",
    "litert": "LiteRT",
    "litert_int8": "LiteRT",
    "openvino": "OpenVINO",
    "browser": "ONNX Runtime",
}
RESULTS = Path(__file__).parents[1] / PATH
ASK = """
const [content, done] = arguments;
const bytes = Uint8Array.from(atob(content), (character) => character.charCodeAt(0));
import(new URL("ask.js", document.baseURI))
  .then(({ ask }) => ask(new Blob([bytes])))
  .then((answer) => done(answer.probabilities.map(({ probability }) => probability)))
  .catch((error) => done(error.message));
"""


def main() -> None:
    """Measures, prints the table and writes it to benchmarks/RESULTS.md."""
    classifier, labels = load_classifier()
    pixels = pixels_of(classifier)
    manifest = read_manifest()
    test = manifest[manifest["split"] == "test"].sort_values("sha256")
    keras = run_on_photos(classifier, photos_of(test), description="Keras")
    name = load_params().content()["backbone"]["name"]
    rows = list(checked(read_json(metrics_of("export").path)["formats"]))
    kinds = {"decoded photos, as PNG": same_pixels(test, pixels), "the photos' own files": own(test)}
    with handed_out(EXPORT.path / "browser") as address, chromium() as browser:
        open_page(browser, address)
        for title, files in kinds.items():
            answers = np.array(
                [asked(browser, file) for file in tqdm(files, total=len(test), desc=title, disable=None)]
            )
            rows.append({"format": "browser", "asked": f"{title}, in Chromium", **compared(answers, keras)})
        version = browser.capabilities["browserVersion"]
    about = f"{machine('keras', 'onnxruntime', 'ai-edge-litert', 'openvino')} Chromium {version}."
    title = f"Formats beside Keras: {len(test)} test photos of {len(labels)} classes"
    write_section(title, f"{about} {name} of {pixels.size} pixels.\n\n{markdown(rows)}", RESULTS)


def open_page(browser: "Chrome", address: str) -> None:
    """Loads the page and the network in it, then turns the connection off."""
    browser.set_script_timeout(60)
    browser.get(address)
    while browser.find_element("tag name", "body").get_attribute("data-ready") != "true":
        time.sleep(0.1)
    go_offline(browser)


def checked(entries: dict[str, dict]) -> Iterator[dict[str, str]]:
    """A row for each format that the stage held against Keras."""
    for name, entry in entries.items():
        loss = entry["accuracy_loss"]
        yield {
            "format": name,
            "asked": f"decoded photos, in {RUNTIMES[name]}",
            "same label": share(entry["top1_agreement"]["value"], entry["top1_agreement"]["n"]),
            "largest difference": f"{entry['largest_difference']:.1e}",
            "loss of accuracy": f"{loss['value']:.4f} ({loss['low']:.4f} to {loss['high']:.4f})",
            "MB": f"{entry['bytes'] / 1e6:.1f}",
            "kept": "yes" if entry["written"] else "no",
        }


def compared(answers: np.ndarray, keras: np.ndarray) -> dict[str, str]:
    """Two columns of a row."""
    same = float((answers.argmax(axis=1) == keras.argmax(axis=1)).mean())
    return {"same label": share(same, len(keras)), "largest difference": f"{np.abs(answers - keras).max():.1e}"}


def share(value: float, count: int) -> str:
    """A share of photos with its 95 % interval."""
    found = intervals.share(round(value * count), count)
    return f"{100 * value:.2f} % (from {100 * found.low:.2f})"


def same_pixels(photos: pd.DataFrame, pixels: Pixels) -> Iterator[bytes]:
    """Photos as the pipeline decodes them, as PNG."""
    for photo in photos_of(photos):
        stream = io.BytesIO()
        Image.fromarray(np.asarray(decoded_photo(photo.path, pixels=pixels, sha256=photo.sha256))).save(stream, "PNG")
        yield stream.getvalue()


def own(photos: pd.DataFrame) -> Iterator[bytes]:
    """Photos as they are."""
    for photo in photos_of(photos):
        yield photo_bytes(photo.path, sha256=photo.sha256)


def asked(browser: "Chrome", content: bytes) -> list[float]:
    """Probabilities of a photo's bytes, as the page has them. Raises RuntimeError where it has none."""
    found = browser.execute_async_script(ASK, base64.b64encode(content).decode("ascii"))
    if isinstance(found, str):
        raise RuntimeError(found)
    return found


if __name__ == "__main__":
    main()
