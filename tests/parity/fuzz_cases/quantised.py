"""Quantised forms, with random scales and zero points. Named OPERATOR/quantised."""

import numpy as np

from support import one_op

from . import of
from .elementwise import COMPARING, pair
from .layers import batch_matmul, conv, dense, depthwise, image, window
from .random_parts import FUSED, Case, options
from .reductions import reduction

BYTES = ("int8", "uint8")
ALL = BYTES + ("int16",)


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
    return quantised(r, r.pick(ALL), pair(r, 4), options(kind, fusedActivationFunction=r.pick(FUSED)))


@of("DIV/quantised")
def division(r, op):
    case = quantised(r, r.pick(ALL), pair(r, 4), options("Div", fusedActivationFunction=r.pick(FUSED)))
    zero, (y, constant) = case.quantization[1][1][0], case.operands[1]
    case.operands[1] = (np.where(y == zero, y.dtype.type(zero + 1), y), constant)
    return case


@of("PRELU/quantised")
def prelu(r, op):
    shape = r.shape(1, 4)
    return quantised(r, r.pick(BYTES), [shape, r.broadcast_to(shape)], None)


@of("SQUARED_DIFFERENCE/quantised")
def squared_difference(r, op):
    return quantised(r, "int8", pair(r, 4), options("SquaredDifference"))


@of("MAXIMUM/quantised", "MINIMUM/quantised")
def extremum(r, op):
    case = quantised(r, r.pick(ALL), pair(r, 4), options("MaximumMinimum"))
    case.quantization = dict.fromkeys(case.quantization, case.quantization[0])
    return case


TABLES = {"ELU": ("int8",), "EXP": ("int8", "int16"), "LOG": ("int8", "int16"), "GELU": ALL, "ABS": ("int8", "int16"), "RSQRT": ("int8", "int16"), "RELU_N1_TO_1": BYTES, "RELU_0_TO_1": BYTES}


@of(*(f"{name}/quantised" for name in TABLES))
def by_table(r, op):
    name = op.split("/")[0]
    dtype = r.pick(TABLES[name])
    case = quantised(r, dtype, [r.shape(1, 4)], options("Gelu", approximate=r.chance(0.5)) if name == "GELU" else None)
    if dtype == "int16":  # scales at which the functions neither overflow nor vanish
        case.quantization = {0: ([float(r.rng.uniform(0.0001, 0.0003))], [0], 0), 1: ([float(r.rng.uniform(0.0005, 0.001))], [0], 0)}
    if name == "RSQRT":  # LiteRT wants no negative numbers
        (x, constant), zero = case.operands[0], case.quantization[0][1][0]
        case.operands[0] = (np.maximum(x, x.dtype.type(zero)), constant)
    return case


@of("MEAN/quantised", "SUM/quantised")
def reduced(r, op):
    case = reduction(r, op.split("/")[0])
    dtype, (axes, constant) = r.pick(ALL), case.operands[1]
    x = r.all_values(dtype, [max(d, 1) for d in case.operands[0][0].shape])  # of no elements LiteRT leaves the result unwritten
    return Case([(x, False), (axes, True)], [dtype], case.options, {0: affine(r, dtype), 2: affine(r, dtype)})


@of("REDUCE_MAX/quantised", "REDUCE_MIN/quantised")
def least(r, op):
    case = reduction(r, op.split("/")[0])
    dtype = r.pick(ALL)
    same = affine(r, dtype)
    return Case([(r.all_values(dtype, [max(d, 1) for d in case.operands[0][0].shape]), False), case.operands[1]], [dtype], case.options, {0: same, 2: same})


def filters(r, name, dtype, shape):
    if dtype == "uint8":
        return r.all_values("uint8", shape)
    kinds = {"FULLY_CONNECTED": ("int8", "int8", "int4", "int2") + (("int16",) if dtype == "int16" else ()), "CONV_2D": ("int8", "int8", "int4"),
             "DEPTHWISE_CONV_2D": ("int8", "int8", "int4") if dtype == "int8" else ("int8",)}  # LiteRT reads int4 as bytes beside int16
    kind = r.pick(kinds[name])
    if kind == "int16":
        return r.values("int16", shape, -3000, 3000)
    values = np.maximum(r.all_values("int8", shape), np.int8(-127))
    return values if kind == "int8" else one_op.small(kind, values)


@of("FULLY_CONNECTED/quantised", "CONV_2D/quantised", "DEPTHWISE_CONV_2D/quantised")
def layer(r, op):
    """The float layer with int8 or int16 activations; weights of any width, with one scale or one for each channel. uint8 with one for all."""
    name = op.split("/")[0]
    case = {"FULLY_CONNECTED": dense, "CONV_2D": conv, "DEPTHWISE_CONV_2D": depthwise}[name](r, name)
    dtype, axis = r.pick(("int8", "int16", "uint8")), 3 if name[0] == "D" else 0
    weights, channels, byte = case.operands[1][0], case.operands[1][0].shape[axis], dtype == "uint8"
    scales = r.rng.uniform(0.01, 0.05, channels if not byte and r.chance(0.5) else 1)
    operands = [(r.all_values(dtype, case.operands[0][0].shape), False), (filters(r, name, dtype, weights.shape), True)]
    quantization = {0: affine(r, dtype), 1: (scales.tolist(), [r.number(100, 150)] if byte else [0] * len(scales), axis)}
    bias = np.int64 if dtype == "int16" and operands[1][0].dtype != "int16" else np.int32  # beside int16 weights LiteRT takes any bias for int32
    operands.append((r.values("int32", [channels], -3000, 3000).astype(bias), True))
    quantization[2] = ((scales * quantization[0][0][0]).tolist(), [0] * len(scales), 0)
    quantization[3] = affine(r, dtype, 0.5)
    return Case(operands, [dtype], case.options, quantization)


@of("FULLY_CONNECTED/hybrid", "CONV_2D/hybrid", "DEPTHWISE_CONV_2D/hybrid")
def hybrid(r, op):
    """Float activations, int8 weights."""
    name = op.split("/")[0]
    case = {"FULLY_CONNECTED": dense, "CONV_2D": conv, "DEPTHWISE_CONV_2D": depthwise}[name](r, name)
    axis = 3 if name[0] == "D" else 0
    weights, channels = case.operands[1][0], case.operands[1][0].shape[axis]
    scales = r.rng.uniform(0.01, 0.05, channels if r.chance(0.5) or name != "FULLY_CONNECTED" else 1)
    case.operands[1] = (np.maximum(r.all_values("int8", weights.shape), np.int8(-127)), True)
    case.quantization = {1: (scales.tolist(), [0] * len(scales), axis)}
    if len(case.operands) == 2 and name != "FULLY_CONNECTED":  # convolutions without a bias are refused, or crash
        case.operands.append((r.values("float32", [channels]), True))
    return case


@of("BATCH_MATMUL/quantised")
def product(r, op):
    case = batch_matmul(r, "BATCH_MATMUL")
    dtypes = r.pick((("int8", "int8"), ("int16", "int16"), ("int16", "int8")))
    operands = [(r.all_values(t, array.shape), constant) for t, (array, constant) in zip(dtypes, case.operands)]
    if dtypes[0] == "int8" and r.chance(0.2):  # the sums themselves
        return Case(operands, ["int32"], case.options, {0: affine(r, "int8"), 1: affine(r, "int8"), 2: affine(r, "int8")})
    zero = lambda q: (q[0], [0], 0) if dtypes[0] == "int16" else q
    return Case(operands, [dtypes[0]], case.options, {0: affine(r, dtypes[0]), 1: zero(affine(r, dtypes[1])), 2: affine(r, dtypes[0], 1.0)})


@of(*(f"{name}/quantised" for name in COMPARING))
def comparison(r, op):
    case = quantised(r, r.pick(BYTES), pair(r, 4), options(COMPARING[op.split("/")[0]]))
    case.outputs = ["bool"]
    del case.quantization[2]
    return case


@of("RELU/quantised", "RELU6/quantised", "HARD_SWISH/quantised", "LEAKY_RELU/quantised")
def unary(r, op):
    made = options("LeakyRelu", alpha=r.pick((0.1, 1.5))) if op[0] == "L" else None
    return quantised(r, r.pick(BYTES if op[0] == "H" else ALL), [r.shape(1, 4)], made)


@of("LOGISTIC/quantised", "SOFTMAX/quantised", "TANH/quantised")
def bounded(r, op):
    dtype = r.pick(ALL)
    low, unit = np.iinfo(dtype).min, 1 / (np.iinfo(dtype).max + 1)
    wide = op[0] == "S" and dtype == "int8" and r.chance(0.3)  # a result of int16
    out = ([2.0 ** -16], [-32768], 0) if wide else ([unit], [0], 0) if dtype == "int16" else ([1 / 128], [low + 128], 0) if op[0] == "T" else ([1 / 256], [low], 0)
    case = quantised(r, dtype, [r.shape(1, 4)], options("Softmax", beta=1.0) if op[0] == "S" else None, out=out)
    if dtype == "int16":
        case.quantization[0] = ([float(r.rng.uniform(0.0001, 0.001))], [0], 0)
    if wide:
        case.outputs = ["int16"]
    return case


@of("AVERAGE_POOL_2D/quantised", "MAX_POOL_2D/quantised")
def pool(r, op):
    dtype, made = r.pick(ALL), options("Pool2D", **window(r), filterHeight=r.number(1, 4), filterWidth=r.number(1, 4))
    shape, same = image(r, r.number(1, 5), 4), affine(r, dtype)
    return Case([(r.all_values(dtype, shape), False)], [dtype], made, {0: same, 1: same if r.chance(0.8) else affine(r, dtype)})


@of("QUANTIZE")
def quantize(r, op):
    dtype = r.pick(BYTES + ("int16",))
    return Case([(r.values("float32", r.shape(0, 4)), False)], [dtype], options("Quantize"), {1: affine(r, dtype)})


@of("DEQUANTIZE")
def dequantize(r, op):
    dtype = r.pick(BYTES + ("int16", "float16"))
    if dtype == "float16":
        return Case([(r.values(dtype, r.shape(0, 4)), False)], ["float32"], options("Dequantize"))
    return Case([(r.all_values(dtype, r.shape(0, 4)), False)], ["float32"], options("Dequantize"), {0: affine(r, dtype)})
