"""How a case of a whole TF1 graph (or of a module with state) is written: a function that builds it, and what it is fed step by step.

    @graph(X(2, 3), I(0, 5))                      one input per parameter
    def name(x, n): ...                           returns a tensor, a list (y0, y1...) or {name: tensor}
    @graph(X(2, 3), saved=True)                   a SavedModel with variables, made by TF1's Saver; else a frozen GraphDef
    @lowered(X(2, 3))                             the same with TF2's functions, frozen by convert_variables_to_constants_v2
    @module(X(2, 3))                              returns a tf.Module with signatures as tf.functions: `signatures` = {key: function}
"""

import dataclasses
import typing

import numpy as np

STEPS = 3
MORE_STEPS = 6  # where scalars decide
BATCH = 3       # of unknown dimensions
CASES = []


@dataclasses.dataclass(frozen=True)
class Input:
    """Values by step: `make(rng, step)`."""

    dtype: type
    shape: tuple
    make: typing.Callable


@dataclasses.dataclass(frozen=True)
class Case:
    name: str
    build: typing.Callable
    inputs: tuple
    kind: str                 # frozen, saver, lowered, module
    order: tuple = ()         # signature to call in each step; default: the only one
    refused: tuple = ()       # words of the error where it must not convert
    steps: int = 0            # default: as many as the inputs' values need
    emits: tuple = ()         # operators that must be in the file; then no loop may be


def _sizes(shape):
    return [BATCH if d is None else d for d in shape]


def X(*shape):
    """Normal floats; None is an unknown batch."""
    return Input(np.float32, shape, lambda rng, step: np.asarray(rng.normal(0, 1, _sizes(shape)), np.float32))


def I(low, high, *shape, dtype=np.int32):
    """Integers from low to high - 1; scalars take each value in turn; None is an unknown batch."""
    if shape:
        return Input(dtype, shape, lambda rng, step: rng.integers(low, high, _sizes(shape)).astype(dtype))
    return Input(dtype, (), lambda rng, step: np.asarray(low + step % (high - low), dtype))


def Flag(first=True):
    """A bool that changes from step to step."""
    return Input(np.bool_, (), lambda rng, step: np.asarray((step % 2 == 0) == first))


def Bits(weight):
    """A bool that changes every `weight` steps, so that several take all combinations."""
    return Input(np.bool_, (), lambda rng, step: np.asarray((step // weight) % 2 == 0))


def graph(*inputs, saved=False, **options):
    def add(build):
        CASES.append(Case(build.__name__, build, inputs, "saver" if saved else "frozen", **options))
        return build

    return add


def lowered(*inputs, **options):
    """A tf.function as TensorFlow's freezing leaves it: its If, Case and While turned into Switch, Merge and so on."""
    def add(build):
        CASES.append(Case(build.__name__, build, inputs, "lowered", **options))
        return build

    return add


def module(*inputs, **options):
    def add(build):
        CASES.append(Case(build.__name__, build, inputs, "module", **options))
        return build

    return add
