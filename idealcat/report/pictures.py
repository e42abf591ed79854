"""Which pictures the report carries, and how much of it they may fill."""

from typing import Any

from idealcat.report.content import by_turns
from idealcat.report.thumbnails import thumbnails

# Bytes of each kind: with text and curves the page stays below 5 MB.
PHOTOS, WORST, IDEAL, FLIPS = 2_000_000, 200_000, 1_000_000, 700_000
MANY = 36  # ideal images, beyond which they are shown smaller


def page_pictures(content: dict[str, Any], *, max_pixels: int) -> dict[str, dict[str, str]]:
    """The page's pictures by path, small enough together; mistakes come first, then what is right."""
    photos = [[photo["path"] for photo in cell["photos"]] for cell in content["cells"]]
    left_out = [reason["paths"] for reason in content["rejected"] if reason["visible"]]
    small = by_turns([*left_out, *photos])
    worst = [photo["path"] for photo in content["worst"]]
    made = [picture["file"] for row in content["ideal_rows"] for picture in row["pictures"]]
    flips = (content["adversarial"] or {"pictures": []})["pictures"]
    triptychs = [flip[part] for flip in flips for part in ("original", "perturbation", "result")]
    side = 224 if len(made) <= MANY else 112
    return {
        "thumbnails": thumbnails(small, side=112, budget=PHOTOS, max_pixels=max_pixels),
        "worst_pictures": thumbnails(worst, side=224, budget=WORST, max_pixels=max_pixels),
        "ideal_pictures": thumbnails(made, side=side, budget=IDEAL, max_pixels=max_pixels, quality=80),
        "flip_pictures": thumbnails(triptychs, side=224, budget=FLIPS, max_pixels=max_pixels, quality=85),
    }
