"""Sums and their kin, scans, searches, segments."""

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from . import of
from .random_parts import Case, options

REDUCING = {"SUM": ("float32", "int32", "int64"), "MEAN": ("float32", "int32", "int64"), "REDUCE_MAX": ("float32", "int32", "int64", "int8", "uint8", "int16", "bool"),
            "REDUCE_MIN": ("float32", "int32", "int64", "int8", "uint8", "int16", "bool"), "REDUCE_PROD": ("float32", "int32", "int64"), "REDUCE_ANY": ("bool",),
            "REDUCE_ALL": ("bool",)}


@of(*REDUCING)
def reduction(r, op):
    shape, dtype = r.shape(1, 6, empty=0.02, most=4), r.pick(REDUCING[op])
    axes = [a - len(shape) * r.chance(0.3) for a in r.rng.permutation(len(shape))[:r.number(0, len(shape))]]
    axes = np.array(axes[0] if len(axes) == 1 and r.chance(0.5) else axes, "int32")
    return Case([(r.values(dtype, shape, -3, 3), False), (axes, r.constant(0.7))], [dtype], options("Reducer", keepDims=r.chance(0.5)))


@of("ARG_MAX", "ARG_MIN")
def arg(r, op):
    shape, dtype, out = r.shape(1, 5, empty=0.01), r.pick(("float32", "int32", "int8", "uint8", "bool")), r.pick(("int32", "int64"))
    return Case([(r.values(dtype, shape, -3, 3), False), (np.array(r.axis(len(shape)), r.pick(("int32", "int64"))), r.constant(0.7))], [out],
                options("ArgMax" if op == "ARG_MAX" else "ArgMin", outputType=getattr(schema.TensorType, out.upper())))


@of("CUMSUM")
def cumsum(r, op):
    shape, dtype = r.shape(1, 5), r.pick(("float32", "int32", "int64"))
    return Case([(r.values(dtype, shape), False), (np.array(r.axis(len(shape)), "int32"), r.constant())], [dtype], options("Cumsum", exclusive=r.chance(0.5), reverse=r.chance(0.5)))


@of("TOPK_V2")
def topk(r, op):
    shape, dtype = r.shape(1, 4), r.pick(("float32", "int32", "int64", "int8", "uint8", "int16"))
    return Case([(r.values(dtype, shape, -5, 5), False), (np.array(r.number(0, shape[-1]), "int32"), r.constant())], [dtype, "int32"], options("TopKV2"))


@of("UNIQUE")
def unique(r, op):
    dtype, index = r.pick(("float32", "int32", "int64", "int8", "uint8", "int16")), r.pick(("int32", "int64"))
    return Case([(r.values(dtype, [r.number(0, 12)], 0, 5), False)], [dtype, index], options("Unique", idxOutType=getattr(schema.TensorType, index.upper())))


@of("WHERE")
def where(r, op):
    dtype = r.pick(("bool", "float32", "int32", "int64", "int8", "uint8", "uint32"))
    return Case([(r.values(dtype, r.shape(1, 5), 0, 1), False)], ["int64"], options("Where"))


@of("SEGMENT_SUM")
def segment_sum(r, op):
    shape, dtype = r.shape(1, 4), r.pick(("float32", "int32"))
    ids = np.cumsum([0] + [r.number(0, 1) for _ in range(shape[0])])[:shape[0]].astype("int32")  # LiteRT wants no segment left out
    return Case([(r.values(dtype, shape), False), (ids, r.constant())], [dtype], options("SegmentSum"))


@of("UNSORTED_SEGMENT_MAX", "UNSORTED_SEGMENT_MIN", "UNSORTED_SEGMENT_PROD", "UNSORTED_SEGMENT_SUM")
def unsorted(r, op):
    shape, dtype, count = r.shape(1, 4), r.pick(("float32", "int32")), r.number(1, 5)
    ids = r.values("int32", shape[:r.number(1, len(shape))], -1, count - 1)
    return Case([(r.values(dtype, shape, -3, 3), False), (ids, r.constant()), (np.array(count, "int32"), r.constant())], [dtype])


@of("SOFTMAX", "LOG_SOFTMAX", "L2_NORMALIZATION", "LOCAL_RESPONSE_NORMALIZATION")
def normalised(r, op):
    made = {"SOFTMAX": lambda: options("Softmax", beta=r.pick((1.0, 0.5, 2.0))), "LOG_SOFTMAX": lambda: options("LogSoftmax"), "L2_NORMALIZATION": lambda: options("L2Norm"),
            "LOCAL_RESPONSE_NORMALIZATION": lambda: options("LocalResponseNormalization", radius=r.number(0, 3), bias=1.5, alpha=0.3, beta=r.pick((0.5, 0.75)))}[op]()
    low, high = (4, 4) if op[1] == "O" and op[2] == "C" else (1, 4)
    return Case([(r.values("float32", r.shape(low, high)), False)], ["float32"], made)


@of("REDUCE_WINDOW")
def reduce_window(r, op):
    shape, dtype = r.shape(1, 5, empty=0), r.pick(("float32", "int32", "int64", "uint8", "int8", "bool"))
    window = [r.number(1, d) for d in shape]
    dilations = [r.number(1, max(1, (d - 1) // (w - 1))) if w > 1 else 1 for d, w in zip(shape, window)]
    numbers = [(np.array(v, "int64"), True) for v in (window, [r.number(1, 3) for _ in shape], dilations)]
    function = r.pick((1, 5, 6)) if dtype == "bool" else r.number(1, 4)
    return Case([(r.values(dtype, shape, -3, 3), False), (r.values(dtype, [], 0, 2), r.constant()), *numbers], [dtype], options("ReduceWindow", reduceFunction=function))
