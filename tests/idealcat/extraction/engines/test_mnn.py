import subprocess
import sys

import pytest

from idealcat.base.errors import EngineError
from idealcat.extraction.engines.engine import ExportError
from idealcat.extraction.engines.mnn import ENGINE, convert


def test_what_is_no_network_is_named():
    with pytest.raises(ExportError, match=r"MNN can't convert this network: TFlite model version ERROR"):
        convert(b"nonsense")


def test_a_missing_package_is_named(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "MNN", None)
    with pytest.raises(EngineError, match=r"package MNN: pip install -r requirements\.txt"):
        ENGINE.load(tmp_path / "network.mnn", cores=1, batch_size=8)


def test_what_native_code_says_at_its_start_is_hidden():
    program = (
        "from idealcat.base.quiet import quiet_start; print('before')\n"
        "with quiet_start():\n    import MNN\nprint('after')"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert (run.stdout, run.stderr) == ("before\nafter\n", "")
