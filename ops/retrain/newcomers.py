"""The photos that a retraining has and main had not: do they come from elsewhere?"""

from pathlib import Path

from idealcat.base.artifacts import MANIFEST
from idealcat.photos.manifest import read_manifest
from ops.retrain.delivery import say
from ops.shared.children import ChildError, run_module


def known(tree: Path) -> set[str]:
    """SHA-256 of the photos of the manifest; none where there is no manifest."""
    file = tree / MANIFEST.path
    return set(read_manifest(file)["sha256"]) if file.exists() else set()


def tell_drift(tree: Path, before: set[str]) -> None:
    """Prints what `ops.drift` says of the photos that are not in `before`; a verdict that fails stops nothing."""
    table = read_manifest(tree / MANIFEST.path)
    new = table.loc[~table["sha256"].isin(before), ["path"]]
    if not before or new.empty:
        return
    listed = tree.parent / "new_photos.csv"
    new.to_csv(listed, index=False)
    say(f"{len(new)} photos are new or changed; python -m ops.drift says of them:")
    try:
        run_module(tree, "ops.drift", str(listed))
    except ChildError as error:
        say(str(error))
