"""What a row of the op tables is made of: inputs with an optional batch, constants, and the traced function."""

import dataclasses
from typing import Callable

import numpy as np
import tensorflow as tf

B = "batch"  # a leading dimension: 2 in the static variant, unknown in the dynamic one


class Q(int):
    """A dimension of this size that is unknown in the dynamic variant."""


@dataclasses.dataclass(frozen=True)
class Input:
    shape: tuple
    dtype: tf.DType
    draw: Callable  # (rng, shape) -> values

    def spec(self, name, batch):
        return tf.TensorSpec([batch if d == B else None if batch is None and isinstance(d, Q) else d for d in self.shape], self.dtype, name=name)

    def array(self, rng, batch):
        shape = [batch if d == B else d for d in self.shape]
        return np.asarray(self.draw(rng, shape)).astype("S" if self.dtype == tf.string else self.dtype.as_numpy_dtype)


@dataclasses.dataclass(frozen=True)
class Case:
    """`build` is traced with tensors named as its parameters; it returns a tensor, or several as list or dict.

    With `emits`, the file must hold these operators, no loop unless they name it, and agree more closely, also when it is invoked again.
    With `state`, its first parameter is what that gives, made before the tracing and saved with the model: tables, variables.
    """

    name: str
    build: Callable
    inputs: tuple
    state: Callable | None = None
    emits: tuple = ()

    def has_batch(self):
        return any(d == B or isinstance(d, Q) for i in self.inputs for d in i.shape)


def case(name, build, *inputs, state=None, emits=()):
    return Case(name, build, inputs, state, emits)


def X(*shape):
    """Standard normal floats."""
    return Input(shape, tf.float32, lambda rng, s: rng.normal(0, 1, s))


def P(*shape):
    """Positive floats in [0.2, 3)."""
    return Input(shape, tf.float32, lambda rng, s: rng.uniform(0.2, 3, s))


def U(*shape):
    """Floats in (-0.95, 0.95)."""
    return Input(shape, tf.float32, lambda rng, s: rng.uniform(-0.95, 0.95, s))


def N(*shape):
    """A few finite floats of both signs, 0, NaN and minus infinity."""
    return Input(shape, tf.float32, lambda rng, s: rng.choice([np.nan, -np.inf, 0, 1, -2, 0.5], s))


def H(*shape):
    """Floats with halves among them, both signs: -4, -3.5 ... 4."""
    return Input(shape, tf.float32, lambda rng, s: rng.integers(-8, 9, s) / 2)


def I(low, high, *shape, dtype=tf.int32):
    """Integers in [low, high)."""
    return Input(shape, dtype, lambda rng, s: rng.integers(low, high, s))


def S(*shape):
    """Short strings, few different ones, the empty one among them."""
    return Input(shape, tf.string, lambda rng, s: rng.choice([b"", b"a", b"bb", b"quick", "\u00e4".encode(), b"a b"], s))


def L(*shape):
    """Booleans."""
    return Input(shape, tf.bool, lambda rng, s: rng.integers(0, 2, s))


def W(*shape, scale=0.4, seed=0):
    """A constant weight, the same in every run."""
    return tf.constant(np.random.default_rng(seed + 17 * len(shape) + sum(shape)).normal(0, scale, shape), tf.float32)


def Wp(*shape, seed=0):
    """A positive constant (a variance or scale)."""
    return tf.constant(np.random.default_rng(seed + 31 + sum(shape)).uniform(0.5, 1.5, shape), tf.float32)
