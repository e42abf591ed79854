"""Runs a stage as DVC does: python -m stages NAME, from the repository's root.

It starts sooner than `python -m stages.NAME`: nothing is collected while modules are imported, as they stay, and the
processes that read photos do not import the stage, as Python leaves out a package's `__main__` there.
"""

import gc
import sys
from importlib import import_module
from pathlib import Path

name = " ".join(sys.argv[1:])
names = sorted(path.stem for path in Path(__file__).parent.glob("[a-z]*.py"))
if name not in names:
    sys.exit(f"expected the name of a stage ({', '.join(names)}), received {name or 'none'}")
gc.disable()
stage, runs = import_module(f"stages.{name}"), import_module("idealcat.base.runs")
gc.freeze()
gc.enable()
runs.run_stage(name, stage.main)
