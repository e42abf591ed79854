"""The model registry: which versions there are, which one is the champion, and what was published with each."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from idealcat.audit.limits import read_limits
from idealcat.base.errors import DataError
from idealcat.base.files import read_json
from idealcat.serving.photo_classifier import MAX_PIXELS, PhotoClassifier
from ops.shared.result import Result
from ops.shared.tracking import ANCHOR, CHAMPION, MODEL, PREVIOUS, tracking_errors, unless

LOCK_TAG = "idealcat.lock"  # of a version: the digest of the stages that made it
MOVES_TAG = "idealcat.moves"  # of the model: aliases that are being moved
PROMOTION, ROLLBACK = "promotion", "rollback"
REFUSED = 4  # exit code of a command whose model the gate refused


def version_of(client: Any, number: str | None) -> Any:
    """A version of the model (None: the newest). Raises DataError where there is none such."""
    with tracking_errors():
        versions = client.search_model_versions(f"name = '{MODEL}'")
    some = [version for version in versions if number is None or str(version.version) == number]
    if not some:
        raise DataError(f"the registry has no model {MODEL} version {number or 'at all'}; run `python -m ops.publish`")
    return max(some, key=lambda version: int(version.version))


def version_made_of(client: Any, result: Result) -> Any:
    """The version that was made of a result. Raises DataError where there is none."""
    with tracking_errors():
        found = versions_of(client, result)
    if not found:
        raise DataError(f"no model of commit {result.commit[:12]} is registered; run `python -m ops.publish` first")
    return found[0]


def versions_of(client: Any, result: Result) -> list[Any]:
    """The versions that were made of a result's stages, published with whatever commit, the first one first."""
    found = client.search_model_versions(f"name = '{MODEL}' and tags.`{LOCK_TAG}` = '{result.lock_digest}'")
    return sorted(found, key=lambda version: int(version.version))


def version_called(client: Any, alias: str) -> Any:
    """The version that bears an alias, or None."""
    with tracking_errors():
        found = client.search_registered_models(f"name = '{MODEL}'")
        number = found[0].aliases.get(alias) if found else None
        return client.get_model_version(MODEL, number) if number else None


def champion(client: Any) -> Any:
    """The registry's model version that is the champion. Raises DataError where there is none."""
    from mlflow.exceptions import MlflowException  # noqa: PLC0415 slow to import

    with tracking_errors():
        try:
            return client.get_model_version_by_alias(MODEL, CHAMPION)
        except MlflowException as error:
            if error.error_code not in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
                raise
    raise DataError("the registry has no champion; `python -m ops.promote` makes the newest model that")


def classifier_of(client: Any, version: Any) -> PhotoClassifier:
    """The classifier of a model version."""
    import mlflow  # noqa: PLC0415 slow to import

    with tracking_errors(), TemporaryDirectory(prefix="idealcat-") as folder:
        uri = f"models:/{version.name}/{version.version}"
        path = Path(mlflow.artifacts.download_artifacts(uri, dst_path=folder))
        model = next(path.glob("artifacts/*.tflite"), None)
        if model is None:
            raise DataError(f"{uri} is no model that ops.publish registered: it has no artifacts/*.tflite")
        limit = client.get_run(version.run_id).data.params.get("preprocess.max_pixels", MAX_PIXELS)
        labels, beside = path / "artifacts/labels.json", path / "artifacts/limits.json"
        limits = read_limits(read_json(labels), beside) if beside.exists() else None
        return PhotoClassifier.read(model, labels, limits=limits, max_pixels=int(limit))


def metrics_of(client: Any, version: Any) -> dict[str, float]:
    """The metrics of the run that a version came from, as ops.publish names them; none where the run is gone."""
    with tracking_errors(), unless("RESOURCE_DOES_NOT_EXIST"):  # its run may be removed
        return client.get_run(version.run_id).data.metrics
    return {}


def published(client: Any, version: Any, path: str, folder: Path) -> Path | None:
    """A file that was published with a version, fetched into `folder`; None where it was not."""
    parent = path.rpartition("/")[0] or None
    with tracking_errors(), unless("RESOURCE_DOES_NOT_EXIST"):  # its run may be removed
        if path not in [item.path for item in client.list_artifacts(version.run_id, parent)]:
            return None
        return Path(client.download_artifacts(version.run_id, path, str(folder)))
    return None


def attempts(client: Any, anchor: Any, *, but: Any) -> int:
    """How many versions were held against an anchor, but for one."""
    with tracking_errors():
        versions = client.search_model_versions(f"name = '{MODEL}'")
    held = [version for version in versions if version.tags.get("idealcat.held_against") == str(anchor.version)]
    return sum(version.version != but.version for version in held)


def record(
    client: Any, challenger: Any, champion: Any, *, held_against: Any, best: Any, promoted: bool, lines: list[str]
) -> None:
    """Writes a verdict on the version, then moves the aliases; killed between, it is done again or finished.

    `held_against` is the anchor of the decision, None for a first version; `best` the anchor of the next.
    """
    with tracking_errors():
        client.update_model_version(MODEL, challenger.version, "\n\n".join(lines))
        tags = {"idealcat.figures": json.dumps(lines), "idealcat.decision": "promoted" if promoted else "refused"}
        if held_against is not None:
            tags["idealcat.held_against"] = str(held_against.version)
        for tag, value in tags.items():
            client.set_model_version_tag(MODEL, challenger.version, tag, value)
        moves = {PREVIOUS: champion, CHAMPION: challenger} if promoted else {}
        _move(client, PROMOTION, {**moves, ANCHOR: best})


def rollback(client: Any) -> str:
    """Swaps `champion` and `previous`: twice is as nothing. Raises DataError without a previous champion.

    Killed before its end, it is only completed by the next.
    """
    with tracking_errors():
        if finish_moves(client) == ROLLBACK:
            return f"version {version_called(client, CHAMPION).version} is the champion again, as an earlier run began"
        previous, champion = version_called(client, PREVIOUS), version_called(client, CHAMPION)
        if previous is None:
            raise DataError("there is no previous champion to go back to")
        anchor = version_called(client, ANCHOR)
        worse = anchor is not None and champion is not None and anchor.version == champion.version
        # It was not the best after all.
        _move(client, ROLLBACK, {CHAMPION: previous, PREVIOUS: champion, ANCHOR: previous if worse else None})
    return f"version {previous.version} is the champion again"


def finish_moves(client: Any) -> str | None:
    """Moves the aliases that a process noted and did not live to move. Returns what it was at, None if nothing."""
    with tracking_errors():
        found = client.search_registered_models(f"name = '{MODEL}'")
        if not found or MOVES_TAG not in found[0].tags:
            return None
        noted = json.loads(found[0].tags[MOVES_TAG])
        for alias, number in noted["aliases"].items():
            client.set_registered_model_alias(MODEL, alias, number)
        client.delete_registered_model_tag(MODEL, MOVES_TAG)
        return noted["what"]


def _move(client: Any, what: str, versions: dict[str, Any]) -> None:
    """Moves several aliases as one: all are noted first. An alias whose version is None stays where it is."""
    aliases = {alias: str(version.version) for alias, version in versions.items() if version is not None}
    if aliases:
        client.set_registered_model_tag(MODEL, MOVES_TAG, json.dumps({"what": what, "aliases": aliases}))
        finish_moves(client)
