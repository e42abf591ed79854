"""The one module that knows which Keras backend runs: TensorFlow, JAX or PyTorch (KERAS_BACKEND).

All others take `keras` from here, so that it is always started in the same way.
"""

import os
from collections.abc import Callable
from typing import Any

import numpy as np

from idealcat.quiet import quiet_start

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
with quiet_start():
    import keras

    DEVICES: list[str] = keras.distribution.list_devices()  # the first look for devices is part of the start

# What a converter raises that can't take a network, and what a device raises that has no room for it.
EXPORT_ERRORS: tuple[type[Exception], ...] = (ValueError, TypeError, NotImplementedError, RuntimeError, ImportError)
OUT_OF_MEMORY: tuple[type[Exception], ...] = (MemoryError,)
if keras.backend.backend() == "tensorflow":
    import tensorflow
    from tensorflow.lite.python.convert_phase import ConverterError

    EXPORT_ERRORS += (ConverterError, tensorflow.errors.OpError)
    OUT_OF_MEMORY += (tensorflow.errors.ResourceExhaustedError,)
elif keras.backend.backend() == "jax":
    import jax

    OUT_OF_MEMORY += (jax.errors.JaxRuntimeError,)
elif keras.backend.backend() == "torch":
    import torch

    OUT_OF_MEMORY += (torch.OutOfMemoryError,)


BACKEND_PACKAGE: str = keras.backend.backend()  # its name on the package index too


def make_deterministic(seed: int) -> None:
    """Seeds Python, NumPy and the backend, and has TensorFlow choose deterministic kernels."""
    keras.utils.set_random_seed(seed)
    if keras.backend.backend() == "tensorflow":
        tensorflow.config.experimental.enable_op_determinism()


def compiled(model: keras.Model) -> Callable[[np.ndarray], np.ndarray]:
    """`model` in inference mode as a compiled function from arrays to arrays; each batch shape is compiled once."""
    backend = keras.backend.backend()
    if backend == "tensorflow":
        function = tensorflow.function(lambda batch: model(batch, training=False))
        return lambda batch: function(tensorflow.convert_to_tensor(batch)).numpy()
    if backend == "jax":
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


def value_and_gradient(function: Callable[..., tuple[Any, Any]]) -> Callable[..., tuple[np.ndarray, ...]]:
    """Compiles `function` and its gradient; each shape is compiled once.

    `function(inputs, *constants)` is written with keras.ops and returns values `(N,)`, whose sum is differentiated, and
    further outputs, one tensor. The result takes arrays and returns the values, the outputs, and the gradient with
    respect to `inputs`, in its shape. Gradients of weights are never computed.
    """
    backend = keras.backend.backend()
    if backend == "tensorflow":

        @tensorflow.function
        def in_graph(inputs: Any, *constants: Any) -> tuple[Any, ...]:
            with tensorflow.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch(inputs)
                values, outputs = function(inputs, *constants)
            return values, outputs, tape.gradient(values, inputs, unconnected_gradients="zero")

        return lambda *arrays: tuple(
            result.numpy() for result in in_graph(*(tensorflow.convert_to_tensor(array) for array in arrays))
        )
    if backend == "jax":

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
    return next((kind for kind in ("tpu", "gpu") if any(kind in device for device in DEVICES)), "cpu")
