import pytest

from idealcat.base.errors import ParamsError
from idealcat.base.params import parse_params, parse_yaml


def test_unknown_format_is_named_with_those_that_there_are(workspace):
    content = parse_yaml((workspace / "params.yaml").read_text(encoding="utf-8"))
    content["export"]["formats"] = ["onnx", "coreml"]
    with pytest.raises(ParamsError, match=r"export\.formats: must be of onnx, .*; coreml is none"):
        parse_params(content)
