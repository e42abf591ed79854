"""Heat maps laid on the photo as people see it: orange speaks for the class, blue against it."""

from io import BytesIO

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter

from idealcat.photos.pixels import Resize

# Two colours that the colour-blind tell apart, on a grey photo: a ginger cat is no evidence.
FOR, AGAINST = np.array([240, 110, 0]), np.array([0, 100, 230])
STRONGEST = 0.75  # share of the colour where the evidence is greatest
UNSEEN = 0.35  # of the brightness of what was cropped away
BLUR = 1  # cell, the standard deviation: neighbouring cells look at much the same part of the photo
SIDE = 448  # pixels, at most


def on_photo(cells: np.ndarray, size: tuple[int, int], resize: Resize) -> np.ndarray:
    """A heat map `(h, w)` of the network's square, smoothed and enlarged to a photo of this width and height.

    Undoes how the photo became a square. Float32 `(height, width)` in [-1, 1], the largest magnitude of the smooth
    cells being 1; NaN where `crop` kept the network from looking.
    """
    width, height = size
    cells = gaussian_filter(np.asarray(cells, "float32"), BLUR, mode="nearest")
    largest = float(np.abs(cells).max())
    image = Image.fromarray((cells / largest if largest else cells).astype("float32"))
    columns, rows = image.size
    left, top = 0.0, 0.0
    if resize == "pad":  # the bars are left out
        left = columns * max(0.0, 1 - width / height) / 2
        top = rows * max(0.0, 1 - height / width) / 2
    if resize != "crop":
        box = (left, top, columns - left, rows - top)
        return np.clip(np.asarray(image.resize(size, Image.Resampling.BICUBIC, box=box)), -1, 1)
    side = min(width, height)
    left, top = (width - side) // 2, (height - side) // 2
    whole = np.full((height, width), np.nan, "float32")
    square = image.resize((side, side), Image.Resampling.BICUBIC)
    whole[top : top + side, left : left + side] = np.clip(np.asarray(square), -1, 1)
    return whole


def overlay(photo: Image.Image, cells: np.ndarray, resize: Resize) -> Image.Image:
    """The photo, at most SIDE pixels a side, in grey under the colours of its heat map `(h, w)`."""
    shown = photo.copy()
    shown.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    evidence = on_photo(cells, shown.size, resize)[..., None]
    grey = np.asarray(shown.convert("L"), "float32")[..., None]
    grey = np.where(np.isnan(evidence), UNSEEN * grey, grey)
    evidence = np.nan_to_num(evidence)
    strength = STRONGEST * np.abs(evidence)
    return Image.fromarray(
        np.rint((1 - strength) * grey + strength * np.where(evidence > 0, FOR, AGAINST)).astype("uint8")
    )


def jpeg(image: Image.Image) -> bytes:
    """The picture as a JPEG file; the same picture gives the same bytes."""
    content = BytesIO()
    image.save(content, "JPEG", quality=85)
    return content.getvalue()
