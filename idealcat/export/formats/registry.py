"""The formats by name, known without importing a runtime."""

from idealcat.export.formats import browser, litert, litert_int8, onnx, openvino
from idealcat.export.formats.format import Format

FORMATS: dict[str, Format] = {
    format.name: format for format in (onnx.FORMAT, litert.FORMAT, litert_int8.FORMAT, openvino.FORMAT, browser.FORMAT)
}
