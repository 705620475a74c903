"""Custom operators that LiteRT has in XNNPACK alone. Their options are C structs; the file must declare the results' shapes."""

import numpy as np

from . import MAKERS, of
from .layers import image
from .random_parts import PADDING, Case


def raw(op, *numbers):
    return op, np.array(numbers, "int32").tobytes()


@of("Convolution2DTransposeBias")
def transposed(r, op):
    n, h, w, depth = image(r, r.number(1, 5))
    wide, stride, padding = r.number(1, 6), [r.number(1, 3), r.number(1, 3)], r.number(1, 2)
    kernel = [r.number(s, 4) for s in stride]  # a filter below the stride is refused
    out = [d * s if padding == 1 else (d - 1) * s + k for d, s, k in zip((h, w), stride, kernel)]
    operands = [(r.values("float32", [n, h, w, depth]), False), (r.values("float32", [wide, *kernel, depth], -1, 1), True), (r.values("float32", [wide]), True)]
    return Case(operands, ["float32"], custom=raw(op, padding, stride[1], stride[0]), shapes=[[n, *out, wide]])


@of("MaxPoolingWithArgmax2D")
def argmax_pool(r, op):
    window, padding = [r.number(1, 3), r.number(2, 3)], r.number(1, 2)
    shape = image(r, r.number(1, 9), 3)
    out = [shape[0], *((d + (w - 1) * (padding == 1)) // w for d, w in zip(shape[1:], window)), shape[3]]
    return Case([(r.values("float32", shape), False)], ["float32"] * 2, custom=raw(op, padding, window[1], window[0], window[1], window[0], 0, -1, -1), shapes=[out, out])


@of("MaxUnpooling2D")
def unpool(r, op):
    window, (n, h, w, c) = [r.number(1, 3), r.number(2, 3)], image(r, r.number(1, 9))
    places = r.values("uint32", [n, h, w, c], 0, window[0] * window[1] - 1).view("float32")
    out = [n, h * window[0], w * window[1], c]
    return Case([(r.values("float32", [n, h, w, c]), False), (places, False)], ["float32"], custom=raw(op, 2, window[1], window[0], window[1], window[0], 0, -1, -1), shapes=[out])


HALVES = ("ABS", "AVERAGE_POOL_2D", "BATCH_MATMUL", "CEIL", "CONV_2D", "DEPTHWISE_CONV_2D", "DIV", "ELU", "EXP", "FULLY_CONNECTED", "HARD_SWISH", "LEAKY_RELU", "LOG", "MEAN", "PRELU",
          "REDUCE_MAX", "REDUCE_MIN", "RELU", "RELU6", "RELU_N1_TO_1", "RSQRT", "SQRT", "SQUARE", "SQUARED_DIFFERENCE", "SUB", "SUM")


@of(*(f"{name}/half" for name in HALVES))
def half(r, op):
    """The case of floats as float16, which LiteRT's own kernels do not have."""
    name = op.split("/")[0]
    while True:
        case = MAKERS[name](r, name)
        arrays = [array for array, _ in case.operands]
        case.shapes = [convolved(case)] if "CONV" in name else None
        if case.shapes and min(case.shapes[0]) <= 0:  # no place for the filter: the file could not declare the result
            continue
        if arrays[0].dtype == "float32" and all(array.size for array in arrays) and (len(arrays) < 2 or arrays[1].dtype == "float32" or case.operands[1][1]):
            break
    case.operands = [(array.astype("float16") if array.dtype == "float32" else array, constant) for array, constant in case.operands]
    case.outputs = ["float16"]
    return case


def convolved(case):
    """The shape of a convolution's result."""
    (x, _), (w, _), made = *case.operands[:2], case.options
    steps = ((made.strideH, made.dilationHFactor), (made.strideW, made.dilationWFactor))
    size = [(d + s - 1) // s if made.padding == PADDING[0] else (d - (k - 1) * by - 1) // s + 1 for d, k, (s, by) in zip(x.shape[1:3], w.shape[1:3], steps)]
    return [x.shape[0], *size, w.shape[3] if w.shape[0] == 1 and hasattr(made, "depthMultiplier") else w.shape[0]]
