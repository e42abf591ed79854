"""Which network suits these photos: `python -m ops.compare --networks efficientnet_lite0,efficientnet_lite2`.

Every network is held against the same photos by cross-validated heads, as params.yaml sets them. Features come from the
store, and what has been measured is kept in the folder `--out`: a second call, or one after a kill, does the rest.
"""

import argparse
import sys
import time
from pathlib import Path

from idealcat.base.errors import BackboneError, EngineError, one_line
from idealcat.base.files import replacing, write_json
from idealcat.base.params import Params, load_params
from ops.compare.cell import Cell, measured
from ops.compare.data_sets import DataSet, named_photos, project_photos
from ops.compare.networks import Network, checked, had, networks_here
from ops.compare.results import Compared, as_json, as_markdown, lines, overview


def main(arguments: list[str] | None = None) -> None:
    """Compares the networks; ends with one line and exit code 1 where it can't."""
    parser = argparse.ArgumentParser(prog="python -m ops.compare", description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--networks", metavar="A,B,...", help="default: those whose weights need no download; "
                        "NAME@random has random weights, as a control")  # fmt: skip
    parser.add_argument("--sources", nargs="+", metavar="[NAME=]PLACE", help="folders of class folders, or sources "
                        "(sketches, oxford_pets:FOLDER); default: this project's photos")  # fmt: skip
    parser.add_argument("--out", type=Path, default=Path("runs/compare"), metavar="FOLDER", help="runs/compare")
    chosen = parser.parse_args(arguments)
    with one_line("compare"):
        params = load_params()
        asked = networks_here() if chosen.networks is None else chosen.networks.split(",")
        titles = checked([name.strip() for name in asked if name.strip()])
        compare(params, titles, chosen.sources, chosen.out)


def compare(params: Params, titles: list[str], sources: list[str] | None, out: Path) -> None:
    """Measures all networks on all data sets, prints the tables, and writes them into the folder `out`.

    Raises:
        BackboneError: no network can be had.
    """
    start = time.perf_counter()
    networks, missing = _networks(params, titles, out / "networks")
    data_sets = [named_photos(wish, params) for wish in sources] if sources else [project_photos()]
    found = []
    for data in data_sets:
        cells = [cell for network in networks if (cell := _cell(data, network, params, out, missing))]
        if cells:
            found.append(Compared(data, cells))
            print(f"\n## {data.name}\n\n" + "\n".join(lines(found[-1])), flush=True)
    if not found:
        raise BackboneError("; ".join(f"{name}: {reason}" for name, reason in missing.items()))
    if len(found) > 1:
        print("\n" + "\n".join(overview(found)))
    for name, reason in missing.items():
        print(f"compare: {name} could not be had: {reason}", file=sys.stderr)
    _write(found, missing, out)
    print(f"\ncompare: {time.perf_counter() - start:.0f} s; {out}/compare.md, compare.json, pareto.png")


def _networks(params: Params, titles: list[str], folder: Path) -> tuple[list[Network], dict[str, str]]:
    networks, missing = [], {}
    for title in titles:
        try:
            networks.append(had(title, params, folder))
        except BackboneError as error:
            missing[title] = " ".join(str(error).split())
    if not networks:
        raise BackboneError("; ".join(f"{name}: {reason}" for name, reason in missing.items()))
    return networks, missing


def _cell(data: DataSet, network: Network, params: Params, out: Path, missing: dict[str, str]) -> Cell | None:
    """What was measured; None, and the reason in `missing`, where no engine runs the network."""
    print(f"compare: {data.name}, {network.title} ...", file=sys.stderr, flush=True)
    try:
        return measured(data, network, params, out / "cells")
    except EngineError as error:
        missing[f"{network.title} on {data.name}"] = " ".join(str(error).split())
        return None


def _write(found: list[Compared], missing: dict[str, str], out: Path) -> None:
    from ops.compare.plot import draw  # noqa: PLC0415 Matplotlib takes a second, and errors need none

    write_json(out / "compare.json", as_json(found, missing))
    with replacing(out / "compare.md") as beside:
        beside.write_text(as_markdown(found, missing), encoding="utf-8")
    draw(found, out / "pareto.png")


if __name__ == "__main__":
    main()
