"""Opens a page on which you decide on suspected photos, and writes corrections.csv: `python -m ops.labels`."""

import argparse
import webbrowser

from idealcat.base.errors import DataError, one_line
from idealcat.base.params import load_params
from idealcat.photos.settings import Preprocess
from ops.labels.queue import waiting
from ops.labels.server import serve


def main() -> None:
    """Serves the page on this machine alone until it is interrupted."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--port", type=int, default=0, help="default: one that is free")
    parser.add_argument("--no-browser", action="store_true", help="print the address, open no browser")
    arguments = parser.parse_args()
    with one_line("labels"):
        suspects = waiting()
        if not suspects:
            print("labels: every suspected photo is decided on; run `dvc repro`")
            return
        try:
            server = serve(suspects, port=arguments.port, max_pixels=load_params().section(Preprocess).max_pixels)
        except (OSError, OverflowError) as error:
            raise DataError(f"expected a port that is free, received {arguments.port}: {error}") from error
    address = f"http://127.0.0.1:{server.server_port}/"
    print(f"labels: {len(suspects)} photos to decide on at {address}, Ctrl+C ends it")
    if not arguments.no_browser:
        webbrowser.open(address)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        print("\nlabels: decisions are in corrections.csv; `dvc repro` applies them")
    finally:
        server.server_close()


if __name__ == "__main__":
    main()
