"""Serves a page to try the classifier on, on this machine alone: `python -m ops.app [--port 8000]`."""

import argparse
import ipaddress
import sys
import threading
from collections.abc import Callable
from typing import TypeVar

from idealcat.base.artifacts import CLASSIFIER
from idealcat.base.errors import DataError, one_line
from idealcat.base.files import sha256_of
from idealcat.serving.training_photos import TrainingPhotos
from ops.app.champion import Champion, registered
from ops.app.mistakes import Mistakes
from ops.shared.classifier import chosen_classifier

Photos = TypeVar("Photos")


def main() -> None:
    """Serves until it is stopped; exit code 1 without a model."""
    parser = argparse.ArgumentParser(prog="python -m ops.app", description=(__doc__ or "").split(":", 1)[0])
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument(
        "--host", default="127.0.0.1", help="another address opens the page to others: there is no login"
    )
    parser.add_argument("--model", choices=["local", "champion"], help="default: local where there is one")
    arguments = parser.parse_args()
    with one_line("app"):
        import uvicorn  # noqa: PLC0415 MLflow brings it

        from ops.app.server import application  # noqa: PLC0415

        classifier, hosts = chosen_classifier(arguments.model), allowed(arguments.host)
        local = arguments.model != "champion" and CLASSIFIER.path.exists()
        app = application(
            classifier,
            hosts=hosts,
            training=own_photos("training photos", hosts, lambda: TrainingPhotos.of(classifier)),
            explain=heat_maps(max_pixels=classifier.max_pixels) if local else None,
            champion=Champion(classifier, registered) if local else None,
            mistakes=own_photos("mistakes", hosts, lambda: Mistakes.of(classifier.labels)) if local else None,
        )
    print(f"app: http://{arguments.host}:{arguments.port}  (Ctrl-C ends it)", flush=True)
    uvicorn.run(
        app, host=arguments.host, port=arguments.port, log_level="warning", timeout_keep_alive=5, limit_concurrency=100
    )


def own_photos(what: str, hosts: list[str], read: Callable[[], Photos]) -> Photos | None:
    """What `read` gives of the photos here; None, told in a line, where there is none or the page is open to others."""
    if "*" in hosts:
        print(f"app: {what} are not shown to others", file=sys.stderr)
        return None
    try:
        return read()
    except DataError as error:
        print(f"app: {error}", file=sys.stderr)
        return None


def heat_maps(*, max_pixels: int) -> Callable[[bytes], bytes]:
    """Draws the heat maps of the local classifier, which Keras loads when the first is asked for."""
    digest, lock = sha256_of(CLASSIFIER.path), threading.Lock()
    loaded: list[Callable[[bytes], bytes]] = []

    def explain(content: bytes) -> bytes:
        with lock:
            if not loaded:
                from idealcat.audit.heat_maps.explainer import Explainer  # noqa: PLC0415 seconds and memory, and seldom needed

                if sha256_of(CLASSIFIER.path) != digest:
                    raise DataError("the classifier has changed since this page was started; start it again")
                loaded.append(Explainer.local(max_pixels=max_pixels))
        return loaded[0](content)

    return explain


def allowed(host: str) -> list[str]:
    """The names by which a browser may call the server: others could be a page of somebody else that rebinds DNS."""
    try:
        everyone = not ipaddress.ip_address(host).is_loopback
    except ValueError:
        everyone = host != "localhost"
    if everyone:
        print("app: anyone who reaches this address may use the page", file=sys.stderr)
    return ["*"] if everyone else ["127.0.0.1", "localhost", "[::1]"]


if __name__ == "__main__":
    main()
