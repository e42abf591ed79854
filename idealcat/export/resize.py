"""The pipeline's resize as a part of the network: Pillow's bytes, from arithmetic that every runtime has."""

from typing import Any, NamedTuple

from idealcat.networks.backend import keras
from idealcat.photos.pixels import GREY

ops = keras.ops

BITS = 22  # of Pillow's coefficients
HALF = 2**11  # splits them in two parts whose sums of products are exact in float32


class Axis(NamedTuple):
    """Columns or rows: how many the photo has, twice where the part to resize begins, its span, and pixels wanted."""

    length: Any
    begin: Any
    span: Any
    wanted: Any


@keras.saving.register_keras_serializable("idealcat")
class Resize(keras.layers.Layer):
    """One photo, uint8 `(1, H, W, 3)` of any size, to float32 `(1, S, S, 3)`: whole numbers in [0, 255].

    Pillow filters columns, then rows, by a triangle as wide as the scale, with coefficients of 22 bits, and rounds to
    8 bits after each. Runtimes resize in ways of their own, up to tens of grey levels apart; here it is two matrix
    products. All numbers are whole and below 2^24, hence exact in float32, for photos of up to 32 times the input.
    """

    def __init__(self, size: int, resize: str = "squash", **options: Any) -> None:
        super().__init__(**options)
        self.size, self.resize = size, resize

    def get_config(self) -> dict[str, Any]:
        """What the layer is made anew from."""
        return super().get_config() | {"size": self.size, "resize": self.resize}

    def compute_output_spec(self, photo: keras.KerasTensor) -> keras.KerasTensor:
        """The network's input."""
        return keras.KerasTensor((1, self.size, self.size, 3), "float32")

    def call(self, photo: Any) -> Any:
        """Filters the columns, then the rows; where it pads, what lies beside the photo is grey."""
        length = [ops.cast(side, "float32") for side in ops.shape(photo)[1:3]]
        height, width = (Axis(side, *self._extent(side, length)) for side in length)
        columns_first = ops.transpose(ops.cast(photo, "float32")[0], (1, 0, 2))
        narrow = self._filtered(ops.reshape(columns_first, (ops.shape(photo)[2], -1)), width)
        rows_first = ops.transpose(ops.reshape(narrow, (self.size, -1, 3)), (1, 0, 2))
        small = self._filtered(ops.reshape(rows_first, (-1, self.size * 3)), height)
        small = ops.reshape(small, (1, self.size, self.size, 3))
        if self.resize == "pad":
            inside = self._inside(height)[None, :, None, None] * self._inside(width)[None, None, :, None]
            small = small * inside + GREY[0] * (1 - inside)
        return small

    def _extent(self, side: Any, both: list[Any]) -> tuple[Any, Any, Any]:
        """`begin`, `span`, `wanted` of an axis, as `photos.pixels.network_input` has them."""
        if self.resize == "crop":
            span = ops.minimum(*both)
            return side - span, span, float(self.size)
        if self.resize == "pad":
            return 0.0, side, ops.maximum(ops.round(self.size * side / ops.maximum(*both)), 1.0)
        return 0.0, side, float(self.size)

    def _places(self, axis: Axis) -> Any:
        """Of each of the `size` results, its place among those that are wanted."""
        corner = ops.floor((self.size - axis.wanted) / 2)
        return ops.arange(self.size, dtype="float32") - corner

    def _inside(self, axis: Axis) -> Any:
        places = self._places(axis)
        return ops.cast(places >= 0, "float32") * ops.cast(places < axis.wanted, "float32")

    def _filtered(self, pixels: Any, axis: Axis) -> Any:
        """`(length, N)` to `(size, N)`: the sum of products, over 2^22, rounded half up."""
        coefficients = self._coefficients(axis)
        high = ops.floor(coefficients / HALF)
        low = coefficients - high * HALF
        high, low = ops.matmul(high, pixels), ops.matmul(low, pixels)
        return ops.floor((high + ops.floor(low / HALF) + HALF // 2) / HALF)

    def _coefficients(self, axis: Axis) -> Any:
        """Whole numbers `(size, length)`, each row adding up to some 2^22: the triangle's heights, by long division."""
        to = 2 * self._places(axis)[:, None] + 1
        at = 2 * ops.arange(axis.length, dtype="float32")[None] + 1 - axis.begin
        rest = ops.relu(2 * ops.maximum(axis.span, axis.wanted) - ops.abs(at * axis.wanted - to * axis.span))
        total = ops.maximum(ops.sum(rest, axis=1, keepdims=True), 1.0)  # beside the photo there is nothing to add up
        share = ops.zeros_like(rest)
        for bits in (6, 6, 6, BITS - 18):
            rest = rest * 2**bits
            digit = ops.floor(rest / total)
            share = share * 2**bits + digit
            rest = rest - digit * total
        return share + ops.cast(2 * rest >= total, "float32")
