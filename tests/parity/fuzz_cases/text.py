"""Strings: what moves them, compares them, makes them. Named OPERATOR/strings where numbers have the operator, too."""

import numpy as np

from . import of, movers
from .random_parts import Case, Random, options

MOVERS = {"GATHER": movers.gather, "GATHER_ND": movers.nd, "SLICE": movers.cut, "STRIDED_SLICE": movers.strided_slice, "TILE": movers.tile, "FILL": movers.fill,
          "RESHAPE": movers.reshape, "EXPAND_DIMS": movers.expand_dims, "SQUEEZE": movers.squeeze, "SHAPE": movers.rank}


@of(*(f"{name}/strings" for name in MOVERS))
def moved(r, op):
    """The case of numbers, whose first operand of many types becomes strings."""
    name = op.split("/")[0]
    case = MOVERS[name](r, name)
    at = 1 if name == "FILL" else 0
    array, constant = case.operands[at]
    case.operands[at] = (r.texts(array.shape), constant or array.ndim == 0)  # LiteRT's Python cannot give a lone string
    if name != "SHAPE":
        case.outputs = ["object"]
    return case


@of("EQUAL/strings", "NOT_EQUAL/strings")
def compared(r, op):
    shape = r.shape(1, 3, empty=0)
    x, y = r.texts(shape), r.texts(r.broadcast_to(shape))
    return Case([(x, False), (y, y.ndim == 0 or r.constant())], ["bool"], options("Equal" if op[0] == "E" else "NotEqual"))


@of("SKIP_GRAM")
def skip_gram(r, op):
    words = [bytes(r.rng.choice(list(b"abcde"), r.number(1, 4)).astype("uint8")) for _ in range(r.number(1, 7))]
    text = np.array([r.pick((b" ", b"  ", b"")) + r.pick((b" ", b"\t", b"  ")).join(words) + r.pick((b"", b"", b" "))], object)
    return Case([(text, False)], ["object"], options("SkipGram", ngramSize=r.number(1, 4), maxSkipSize=r.number(0, 3), includeAllNgrams=r.chance(0.5)))


@of("LSH_PROJECTION")
def lsh(r, op):
    kind, functions, bits = r.number(1, 2), r.number(1, 4), r.number(1, 8)
    shape = [r.number(1, 6)] + r.shape(0, 2, empty=0)
    operands = [(r.values("float32", [functions, bits]), r.constant()), (r.values(r.pick(("int32", "float32", "int8", "int64")), shape), False)]
    if r.chance(0.6):
        operands.append((r.values("float32", shape[:1], -2, 2), r.constant()))
    return Case(operands, ["int32"], options("LSHProjection", type=kind))
