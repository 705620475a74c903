"""Functions of each element; pairs of operands that broadcast; choices and casts."""

import numpy as np

from . import of
from .random_parts import FUSED, INTEGERS, Case, options

UNARY = {  # operator: types, lowest, highest value
    "ABS": (("float32", "int32"), -9, 9), "CEIL": (("float32",), -9, 9), "COS": (("float32", "float16"), -50, 50), "ELU": (("float32",), -9, 9),
    "EXP": (("float32",), -20, 20), "FLOOR": (("float32", "float16"), -9, 9), "HARD_SWISH": (("float32",), -9, 9), "LOG": (("float32",), 0.001, 90),
    "LOGISTIC": (("float32", "float16"), -30, 30), "NEG": (("float32", "float16", "int32", "int64"), -9, 9), "RELU": (("float32",), -9, 9), "RELU6": (("float32",), -9, 9),
    "RELU_N1_TO_1": (("float32",), -3, 3), "RELU_0_TO_1": (("float32",), -3, 3), "ROUND": (("float32", "float16"), -9, 9), "RSQRT": (("float32",), 0.01, 90),
    "SIGN": (("float32", "int32", "float64"), -2, 2), "SIN": (("float32", "float16"), -50, 50), "SQRT": (("float32",), 0, 90), "SQUARE": (("float32",), -9, 9),
    "TANH": (("float32", "float16"), -9, 9), "ZEROS_LIKE": (("float32", "int32", "int64"), -9, 9), "LOGICAL_NOT": (("bool",), 0, 1),
}


@of(*UNARY)
def unary(r, op):
    dtypes, low, high = UNARY[op]
    dtype = r.pick(dtypes)
    return Case([(r.values(dtype, r.shape(0, 6), low, high), False)], [dtype])


@of("GELU")
def gelu(r, op):
    return Case([(r.values("float32", r.shape(0, 5)), False)], ["float32"], options("Gelu", approximate=r.chance(0.5)))


@of("LEAKY_RELU")
def leaky_relu(r, op):
    return Case([(r.values("float32", r.shape(0, 5)), False)], ["float32"], options("LeakyRelu", alpha=r.pick((0.0, 0.1, 1.5, -0.5))))


@of("PRELU")
def prelu(r, op):
    shape = r.shape(1, 4)
    return Case([(r.values("float32", shape), False), (r.values("float32", r.broadcast_to(shape)), r.constant())], ["float32"])


ARITHMETIC = {
    "ADD": ("Add", ("float32", "int32", "int64", "int16", "float16")), "SUB": ("Sub", ("float32", "int32", "int64")), "MUL": ("Mul", ("float32", "int32", "int64", "uint32", "complex64", "float16")),
    "DIV": ("Div", ("float32", "int32")), "FLOOR_DIV": ("FloorDiv", ("float32", "int32", "int8", "int16")),
    "FLOOR_MOD": ("FloorMod", ("float32", "int32", "int64", "int8", "int16")), "MAXIMUM": ("MaximumMinimum", ("float32", "int32", "int64", "int8", "uint8", "int16", "float16")),
    "MINIMUM": ("MaximumMinimum", ("float32", "int32", "int64", "int8", "uint8", "int16", "float16")), "SQUARED_DIFFERENCE": ("SquaredDifference", ("float32", "int32")),
    "ATAN2": (None, ("float32", "float64", "float16")), "BITWISE_XOR": ("BitwiseXor", INTEGERS), "LOGICAL_AND": ("LogicalAnd", ("bool",)), "LOGICAL_OR": ("LogicalOr", ("bool",)),
}
FUSING = ("ADD", "SUB", "MUL", "DIV")
COMPARING = {"LESS": "Less", "LESS_EQUAL": "LessEqual", "GREATER": "Greater", "GREATER_EQUAL": "GreaterEqual", "EQUAL": "Equal", "NOT_EQUAL": "NotEqual"}


def pair(r, rank=6):
    """Two shapes that broadcast, either of which may be the smaller; size 0 seldom."""
    shape = r.shape(0, rank, empty=0.02, most=4)
    small = r.broadcast_to(shape)
    whole = [1 if r.chance(0.15) and len(small) == len(shape) else d for d in shape]
    return (whole, small) if r.chance(0.5) else (small, whole)


@of(*ARITHMETIC)
def arithmetic(r, op):
    kind, dtypes = ARITHMETIC[op]
    dtype = r.pick(dtypes)
    shapes = pair(r)
    x, y = (r.values(dtype, shape) for shape in (shapes if op != "ATAN2" else (shapes[0], shapes[0])))  # LiteRT's ATAN2 does not broadcast
    if op in ("DIV", "FLOOR_DIV", "FLOOR_MOD"):
        y = np.where(np.abs(y) < 0.5, np.array(3, dtype), y).astype(dtype)
    members = {"fusedActivationFunction": r.pick(FUSED) if dtype == "float32" else 0} if op in FUSING else {}
    constant = r.number(0, 2)
    return Case([(x, constant == 1), (y, constant == 2)], [dtype], kind and options(kind, **members))


@of("POW")
def power(r, op):
    dtype = r.pick(("float32", "int32"))
    shapes = pair(r, 4)
    x, y = (r.values(dtype, shapes[0], 0.1, 5), r.values(dtype, shapes[1], -3, 3)) if dtype == "float32" else (r.values(dtype, shapes[0]), r.values(dtype, shapes[1], 0, 5))
    return Case([(x, False), (y, r.constant())], [dtype], options("Pow"))


@of("RIGHT_SHIFT")
def right_shift(r, op):
    dtype = r.pick(INTEGERS)
    x, y = pair(r)
    return Case([(r.all_values(dtype, x), False), (r.values(dtype, y, 0, np.iinfo(dtype).bits - 1), r.constant())], [dtype], options("RightShift"))


@of(*COMPARING)
def comparison(r, op):
    dtype = r.pick(("float32", "int32", "int64", "float16") + (("bool",) if op in ("EQUAL", "NOT_EQUAL") else ()))
    x, y = (r.values(dtype, shape, -2, 2) for shape in pair(r))
    return Case([(x, False), (y, r.constant())], ["bool"], options(COMPARING[op]))


@of("SELECT")
def select(r, op):
    shape, dtype = r.shape(0, 5), r.pick(("float32", "int32", "int64", "int8", "uint8", "int16", "bool"))
    condition = shape if not shape or r.chance(0.6) else shape[:1]
    return Case([(r.values("bool", condition), False), (r.values(dtype, shape), False), (r.values(dtype, shape), r.constant())], [dtype], options("Select"))


@of("SELECT_V2")
def select_v2(r, op):
    shape, dtype = r.shape(0, 5, empty=0.02), r.pick(("float32", "int32", "int64", "int8", "uint8", "int16", "bool", "uint32", "float16"))
    x, y = (r.values(dtype, r.broadcast_to(shape)) for _ in range(2))
    return Case([(r.values("bool", r.broadcast_to(shape)), False), (x, False), (y, r.constant())], [dtype], options("SelectV2"))


@of("CAST")
def cast(r, op):
    types = ("float32", "int32", "int64", "int8", "uint8", "int16", "uint16", "uint32", "bool", "float64", "float16", "complex64")
    source, target = r.pick(types), r.pick(types)
    return Case([(r.values(source, r.shape(0, 5), 0, 100), False)], [target], options("Cast"))


@of("BITCAST")
def bitcast(r, op):
    source, target = r.pick((("float32", "int32"), ("int32", "int16"), ("int8", "int32"), ("float32", "uint8"), ("int64", "int32"), ("uint32", "float32"), ("int16", "uint16")))
    shape, ratio = r.shape(0, 4), np.dtype(target).itemsize // np.dtype(source).itemsize
    return Case([(r.values(source, shape + ([ratio] if ratio > 1 else []), 1, 100), False)], [target], options("Bitcast"))


@of("BUCKETIZE")
def bucketize(r, op):
    dtype = r.pick(("float32", "int32", "int64", "float64"))
    return Case([(r.values(dtype, r.shape(0, 4)), False)], ["int32"], options("Bucketize", boundaries=sorted(r.rng.normal(0, 4, r.number(1, 5)).tolist())))


@of("FAKE_QUANT")
def fake_quant(r, op):
    return Case([(r.values("float32", r.shape(0, 4)), False)], ["float32"],
                options("FakeQuant", min=r.pick((-6.0, -1.0, 0.0)), max=r.pick((1.0, 5.5)), numBits=r.number(2, 16), narrowRange=r.chance(0.5)))


@of("REAL", "IMAG", "COMPLEX_ABS")
def parts(r, op):
    return Case([(r.values("complex64", r.shape(0, 4)), False)], ["float32"])


STABLEHLO = {**dict.fromkeys(("ADD", "MULTIPLY", "MAXIMUM", "MINIMUM"), ("float32", "int32", "int64", "int16", "float16", "bool")), "AND": ("int8", "int16", "int32", "bool"),
             "SHIFT_LEFT": ("int8", "int16", "int32")}


@of(*(f"STABLEHLO_{name}" for name in STABLEHLO))
def stablehlo(r, op):
    shape, dtype = r.shape(0, 5), r.pick(STABLEHLO[op.removeprefix("STABLEHLO_")])
    return Case([(r.values(dtype, shape), False), (r.values(dtype, shape, 0, 7), r.constant())], [dtype])
