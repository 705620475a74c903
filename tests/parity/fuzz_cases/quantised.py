"""Quantised forms, with random scales and zero points. Named OPERATOR/quantised."""

import numpy as np

from . import of
from .elementwise import COMPARING, pair
from .layers import image, window
from .random_parts import FUSED, Case, options

BYTES = ("int8", "uint8")


def affine(r, dtype, scale=None):
    low, high = (np.iinfo(dtype).min, np.iinfo(dtype).max)
    return [float(scale or r.rng.uniform(0.01, 0.1))], [0 if dtype == "int16" else r.number(low + 90, high - 90)], 0


def quantised(r, dtype, shapes, made, scales=None, out=None):
    """Every operand quantised over its whole range."""
    operands = [(r.all_values(dtype, s), False) for s in shapes]
    quantization = {i: affine(r, dtype) for i in range(len(shapes))}
    quantization[len(shapes)] = out or affine(r, dtype)
    return Case(operands, [dtype], made, quantization)


@of("ADD/quantised", "SUB/quantised", "MUL/quantised")
def arithmetic(r, op):
    kind = {"ADD": "Add", "SUB": "Sub", "MUL": "Mul"}[op.split("/")[0]]
    return quantised(r, r.pick(BYTES), pair(r, 4), options(kind, fusedActivationFunction=r.pick(FUSED)))


@of(*(f"{name}/quantised" for name in COMPARING))
def comparison(r, op):
    case = quantised(r, r.pick(BYTES), pair(r, 4), options(COMPARING[op.split("/")[0]]))
    case.outputs = ["bool"]
    del case.quantization[2]
    return case


@of("RELU/quantised", "RELU6/quantised", "HARD_SWISH/quantised", "LEAKY_RELU/quantised")
def unary(r, op):
    made = options("LeakyRelu", alpha=r.pick((0.1, 1.5))) if op[0] == "L" else None
    return quantised(r, r.pick(BYTES), [r.shape(1, 4)], made)


@of("LOGISTIC/quantised", "SOFTMAX/quantised", "TANH/quantised")
def bounded(r, op):
    dtype = r.pick(BYTES)
    low = np.iinfo(dtype).min
    out = ([1 / 128], [low + 128], 0) if op[0] == "T" else ([1 / 256], [low], 0)
    return quantised(r, dtype, [r.shape(1, 4)], options("Softmax", beta=1.0) if op[0] == "S" else None, out=out)


@of("AVERAGE_POOL_2D/quantised", "MAX_POOL_2D/quantised")
def pool(r, op):
    dtype, made = r.pick(BYTES), options("Pool2D", **window(r), filterHeight=r.number(1, 4), filterWidth=r.number(1, 4))
    shape, same = image(r, r.number(1, 5), 4), affine(r, dtype)
    return Case([(r.all_values(dtype, shape), False)], [dtype], made, {0: same, 1: same})


@of("QUANTIZE")
def quantize(r, op):
    dtype = r.pick(BYTES + ("int16",))
    return Case([(r.values("float32", r.shape(0, 4)), False)], [dtype], options("Quantize"), {1: affine(r, dtype)})


@of("DEQUANTIZE")
def dequantize(r, op):
    dtype = r.pick(BYTES + ("int16",))
    return Case([(r.all_values(dtype, r.shape(0, 4)), False)], ["float32"], options("Dequantize"), {0: affine(r, dtype)})
