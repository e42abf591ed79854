"""Opens MLflow's pages on the tracking store: `python -m ops.ui [OPTION...]`, with the options of `mlflow ui`."""

import argparse
import os
import subprocess
import sys

from idealcat.base.errors import one_line
from ops.shared.children import shown
from ops.shared.project import main_root
from ops.shared.tracking import connect, store_uri


def main() -> None:
    """Serves the local store until it is interrupted; says where a tracking server is."""
    uri = store_uri()
    if uri.startswith(("http://", "https://")):
        print(f"MLFLOW_TRACKING_URI names a server, which has its own pages: {shown(uri)}")
        return
    with one_line("ui"):
        connect()  # the schema is there before the server's workers look
    print(f"{page(sys.argv[1:])} (stop: Ctrl+C)")
    command = [sys.executable, "-m", "mlflow", "ui", "--backend-store-uri", uri]
    command += ["--artifacts-destination", str(main_root() / "mlartifacts"), *sys.argv[1:]]
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    try:
        sys.exit(subprocess.run(command, check=False).returncode)
    except KeyboardInterrupt:
        return


def page(arguments: list[str]) -> str:
    """The address at which `mlflow ui` serves with these options."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--port", "-p", default="5000")
    parser.add_argument("--host", "-h", default="localhost")
    chosen, _ = parser.parse_known_args(arguments)
    return f"http://{chosen.host}:{chosen.port}"


if __name__ == "__main__":
    main()
