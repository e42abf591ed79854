"""The one module that knows which Keras backend runs: TensorFlow, JAX or PyTorch (KERAS_BACKEND).

All others take `keras` from here, so that it is always started in the same way.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from idealcat.base.quiet import quiet_start

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")  # whatever ~/.keras says
# What Keras and TensorFlow import where it is there, and nothing here needs: a third of their start.
UNUSED = ("matplotlib", "sklearn", *(["jax"] if os.environ["KERAS_BACKEND"] == "tensorflow" else []))


@contextmanager
def _without(packages: tuple[str, ...]) -> Iterator[None]:
    """To imports meanwhile, these packages are not installed, unless they were imported before."""
    hidden = [package for package in packages if package not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for package in hidden:
            del sys.modules[package]


with quiet_start(), _without(UNUSED):
    import keras

    BACKEND: str = keras.backend.backend()  # its name on the package index too
    if BACKEND == "tensorflow":
        import tensorflow
        from tensorflow.lite.python.convert_phase import ConverterError
    elif BACKEND == "jax":
        import jax
    else:
        import torch

    # The first look for devices is part of the start. Keras lists none of PyTorch's.
    DEVICES: list[str] = (
        [str(keras.ops.convert_to_tensor(0.0).device)] if BACKEND == "torch" else keras.distribution.list_devices()
    )

EXPORTS_LITERT: bool = BACKEND == "tensorflow"  # Keras exports from PyTorch with a package that is not required here
# For the exporter: weights and activations in 8 bits.
INT8: Any = tensorflow.lite.Optimize.DEFAULT if BACKEND == "tensorflow" else None
# For `compile`: XLA takes longer to start than a head takes to train, and slows TensorFlow's convolutions on a CPU; but
# without it JAX runs operation by operation.
JIT_COMPILE: bool = BACKEND == "jax"
FIXED_BATCHES: bool = BACKEND == "jax"  # each size of a batch is compiled, whatever is said of it


# What Keras's exporter raises for a network that it can't convert.
EXPORT_ERRORS: tuple[type[Exception], ...] = (ValueError, TypeError, NotImplementedError, RuntimeError, ImportError)
if BACKEND == "tensorflow":
    EXPORT_ERRORS += (ConverterError, tensorflow.errors.OpError)


# What the backend raises where the device, or the machine, has no room; JAX and PyTorch raise it for other faults too.
_FULL: tuple[type[Exception], ...] = (RuntimeError,)
if BACKEND == "tensorflow":
    _FULL = (tensorflow.errors.ResourceExhaustedError,)


@contextmanager
def memory_errors() -> Iterator[None]:
    """Turns what the backend raises where there is no room on the device into MemoryError."""
    try:
        yield
    except _FULL as error:
        if BACKEND != "tensorflow" and not any(word in str(error) for word in ("RESOURCE_EXHAUSTED", "memory")):
            raise
        raise MemoryError(str(error)) from error


def make_deterministic(seed: int) -> None:
    """Seeds Python, NumPy and the backend, and has TensorFlow choose deterministic kernels."""
    keras.utils.set_random_seed(seed)
    if BACKEND == "tensorflow":
        tensorflow.config.experimental.enable_op_determinism()


def compiled(model: keras.Model, *, any_batch: bool = False) -> Callable[[np.ndarray], np.ndarray]:
    """`model` in inference mode as a compiled function from arrays to arrays; each batch shape is compiled once.

    With `any_batch` TensorFlow compiles once for float32 batches of all sizes.
    """
    if BACKEND == "tensorflow":
        signature = [tensorflow.TensorSpec((None, *model.input_shape[1:]), "float32")] if any_batch else None
        function = tensorflow.function(lambda batch: model(batch, training=False), input_signature=signature)
        return lambda batch: function(tensorflow.convert_to_tensor(batch)).numpy()
    if BACKEND == "jax":
        weights = (
            [weight.value for weight in model.trainable_variables],
            [weight.value for weight in model.non_trainable_variables],
        )
        stateless = jax.jit(lambda weights, batch: model.stateless_call(*weights, batch, training=False)[0])
        return lambda batch: np.asarray(stateless(weights, batch))

    def run(batch: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            return keras.ops.convert_to_numpy(model(keras.ops.convert_to_tensor(batch), training=False))

    return run


def value_and_gradient(
    function: Callable[..., tuple[Any, Any]], *, any_batch: bool = False
) -> Callable[..., tuple[np.ndarray, ...]]:
    """Compiles `function` and its gradient; each shape is compiled once.

    With `any_batch`, the first axis of every array is a batch's, and TensorFlow compiles once for all its sizes.

    `function(inputs, *constants)` is written with keras.ops and returns values `(N,)`, whose sum is differentiated, and
    further outputs, one tensor. The result takes arrays and returns the values, the outputs, and the gradient with
    respect to `inputs`, in its shape. Gradients of weights are never computed.
    """
    if BACKEND == "tensorflow":
        traced: list[Any] = []  # for any batch

        @tensorflow.function
        def in_graph(inputs: Any, *constants: Any) -> tuple[Any, ...]:
            with tensorflow.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch(inputs)
                values, outputs = function(inputs, *constants)
            return values, outputs, tape.gradient(values, inputs, unconnected_gradients="zero")

        def run(*arrays: np.ndarray) -> tuple[np.ndarray, ...]:
            tensors = [tensorflow.convert_to_tensor(array) for array in arrays]
            if not any_batch:
                return tuple(result.numpy() for result in in_graph(*tensors))
            if not traced:
                specs = [tensorflow.TensorSpec((None, *tensor.shape[1:]), tensor.dtype) for tensor in tensors]
                traced.append(in_graph.get_concrete_function(*specs))
            return tuple(result.numpy() for result in traced[0](*tensors))

        return run
    if BACKEND == "jax":

        def summed(inputs: Any, *constants: Any) -> tuple[Any, tuple[Any, Any]]:
            values, outputs = function(inputs, *constants)
            return values.sum(), (values, outputs)

        in_xla = jax.jit(jax.value_and_grad(summed, has_aux=True))

        def run_jax(*arrays: np.ndarray) -> tuple[np.ndarray, ...]:
            (_, (values, outputs)), gradient = in_xla(*arrays)
            return np.asarray(values), np.asarray(outputs), np.asarray(gradient)

        return run_jax

    def run_torch(inputs: np.ndarray, *constants: np.ndarray) -> tuple[np.ndarray, ...]:
        leaf = keras.ops.convert_to_tensor(inputs).requires_grad_(True)
        values, outputs = function(leaf, *(keras.ops.convert_to_tensor(constant) for constant in constants))
        if not values.requires_grad:
            gradient = torch.zeros_like(leaf)
        else:
            gradient = torch.autograd.grad(values.sum(), leaf, allow_unused=True, materialize_grads=True)[0]
        return tuple(keras.ops.convert_to_numpy(tensor.detach()) for tensor in (values, outputs, gradient))

    return run_torch


def device_class() -> str:
    """`cpu`, `gpu` or `tpu`: features of one class of device do not equal another's to the last bit."""
    if all("cpu" in device.lower() for device in DEVICES):
        return "cpu"
    return "tpu" if any("tpu" in device.lower() for device in DEVICES) else "gpu"
