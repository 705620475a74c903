"""Rows written as data: tests/cases/*.json, each a list of single TensorFlow ops.

    {"name": "max_pool_explicit", "op": "MaxPool", "inputs": [{"shape": ["batch", 7, 8, 2]}], "attrs": {"ksize": [1, 2, 2, 1], ...}}

An input: "shape" ("batch" is 2, or unknown in the dynamic variant), "dtype" (float32), and one of "values", "range" ([low, high): uniform) or
nothing (standard normal); "constant": true puts it into the model. A list of inputs stands for an argument that takes several. "attrs" are
those of the op; types by name. Results are all outputs of the op.
"""

import glob
import inspect
import json
import os

import numpy as np
import tensorflow as tf
from tensorflow.python.framework import op_def_registry

from .table import B, Input, case

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "cases")


def drawn(row):
    """The input of a row: what draws its values."""
    dtype = tf.as_dtype(row.get("dtype", "float32"))

    def draw(rng, shape):
        if "values" in row:
            return np.asarray(row["values"]).reshape(shape)
        if "range" in row:
            low, high = row["range"]
            return rng.uniform(low, high, shape) if dtype.is_floating else rng.integers(low, high, shape)
        return rng.normal(0, 1, shape)
    return Input(tuple(B if d == "batch" else d for d in row["shape"]), dtype, draw)


def attr_value(definition, value):
    if definition.type == "type":
        return tf.as_dtype(value)
    return [tf.as_dtype(v) for v in value] if definition.type == "list(type)" else value


def to_case(row):
    definition = op_def_registry.get(row["op"])
    if definition is None:
        raise ValueError(f"{row['name']}: TensorFlow has no op {row['op']}")
    known = {a.name: a for a in definition.attr}
    attrs = {k: attr_value(known[k], v) for k, v in row.get("attrs", {}).items()}
    inputs, arguments = [], {}  # arguments: positions in inputs, constants, or lists of these

    def place(one):
        value = drawn(one)
        if one.get("constant"):
            return value.array(np.random.default_rng(7), None)
        inputs.append(value)
        return len(inputs) - 1
    for argument, given in zip(definition.input_arg, row["inputs"]):
        arguments[argument.name] = [place(one) for one in given] if isinstance(given, list) else place(given)

    def build(*tensors):
        pick = lambda at: tensors[at] if isinstance(at, int) else tf.constant(at)  # noqa: E731
        feed = {n: [pick(a) for a in at] if isinstance(at, list) else pick(at) for n, at in arguments.items()}
        result = getattr(tf.raw_ops, row["op"])(**feed, **attrs)
        return list(result) if isinstance(result, (list, tuple)) else result
    names = [f"x{i}" for i in range(len(inputs))]
    build.__signature__ = inspect.Signature([inspect.Parameter(n, inspect.Parameter.POSITIONAL_OR_KEYWORD) for n in names])
    return case(row["name"], build, *inputs)


def read():
    for path in sorted(glob.glob(os.path.join(FOLDER, "*.json"))):
        with open(path) as file:
            yield from map(to_case, json.load(file))


CASES = list(read())
