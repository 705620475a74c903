"""Quantised forms whose result's scale is fixed or that of the operands, layers of uint8, requantisation. Named OPERATOR/quantised and OPERATOR/hybrid."""

import numpy as np

from . import of
from .layers import batch_matmul, resize, transpose_conv
from .movers import embedding_lookup, pack, pad
from .quantised import ALL, BYTES, affine, quantised
from .random_parts import Case, options
from .reductions import reduction


def at_lowest(dtype, above=0):
    return [int(np.iinfo(dtype).min) + above]


@of("CONCATENATION/quantised")
def concatenation(r, op):
    """Scales of their own for uint8 alone: LiteRT demands equal ones of other types."""
    case, dtype = pack(r, "CONCATENATION"), r.pick(ALL)
    same, count = affine(r, dtype), len(case.operands)
    operands = [(r.all_values(dtype, a.shape), constant) for a, constant in case.operands]
    return Case(operands, [dtype], case.options, {i: affine(r, dtype) if dtype == "uint8" else same for i in range(count + 1)})


@of("PAD/quantised", "PADV2/quantised")
def padded(r, op):
    name, dtype = op.split("/")[0], r.pick(ALL)
    case = pad(r, name)
    operands = [(r.all_values(dtype, case.operands[0][0].shape), False), case.operands[1]]
    operands += [(r.all_values(dtype, []), r.constant())] if name == "PADV2" else []
    same = affine(r, dtype)
    return Case(operands, [dtype], case.options, {i: same for i in range(len(operands) + 1) if i != 1})


@of("REDUCE_PROD/quantised")
def product(r, op):
    case, dtype = reduction(r, "REDUCE_PROD"), r.pick(("int8", "int16"))
    shape, (axes, _) = [max(d, 2) for d in case.operands[0][0].shape], case.operands[1]  # over dimensions of size 1 LiteRT copies
    near_one = (lambda zero: ([0.05], [zero], 0))
    return Case([(r.all_values(dtype, shape), False), (np.atleast_1d(axes)[:2], True)], [dtype], case.options, {0: near_one(0), 2: near_one(0)})


@of("RESIZE_BILINEAR/quantised", "RESIZE_NEAREST_NEIGHBOR/quantised")
def resized(r, op):
    case, dtype = resize(r, op.split("/")[0]), r.pick(ALL)
    same = affine(r, dtype)
    return Case([(r.all_values(dtype, case.operands[0][0].shape), False), case.operands[1]], [dtype], case.options, {0: same, 2: same})


@of("L2_NORMALIZATION/quantised", "LOG_SOFTMAX/quantised")
def normalised(r, op):
    dtype = r.pick(BYTES)
    out = ([1 / 128], at_lowest(dtype, 128), 0) if op[1] == "2" else ([16 / 256], at_lowest(dtype, 255), 0)
    return quantised(r, dtype, [r.shape(1, 4, empty=0)], options("L2Norm" if op[1] == "2" else "LogSoftmax"), out=out)


@of("SQRT/quantised")
def root(r, op):
    dtype = r.pick(("int8", "int16"))
    case = quantised(r, dtype, [r.shape(1, 4)], None)
    (x, constant), zero = case.operands[0], case.quantization[0][1][0]
    case.operands[0] = (np.maximum(x, x.dtype.type(zero)), constant)
    return case


@of("TRANSPOSE_CONV/quantised")
def transposed(r, op):
    case, dtype = transpose_conv(r, op), r.pick(ALL)
    shape, (w, _), (x, _) = case.operands[:3]
    channels, byte = w.shape[0], dtype == "uint8"
    scales = r.rng.uniform(0.01, 0.05, channels if not byte and r.chance(0.5) else 1)
    filters = r.all_values("uint8", w.shape) if byte else np.maximum(r.all_values("int8", w.shape), np.int8(-127))
    operands = [shape, (filters, True), (r.all_values(dtype, x.shape), False)]
    quantization = {1: (scales.tolist(), [r.number(100, 150)] if byte else [0] * len(scales), 0), 2: affine(r, dtype)}
    if r.chance(0.7):
        operands.append((r.values("int32", [channels], -3000, 3000).astype(np.int64 if dtype == "int16" else np.int32), True))
        quantization[3] = ((scales * quantization[2][0][0]).tolist(), [0] * len(scales), 0)
    quantization[len(operands)] = affine(r, dtype, 0.5)
    return Case(operands, [dtype], case.options, quantization)


@of("TRANSPOSE_CONV/hybrid")
def hybrid_transposed(r, op):
    case = transpose_conv(r, op)
    shape = case.operands[1][0].shape
    case.operands[1] = (np.maximum(r.all_values("int8", shape), np.int8(-127)), True)
    case.quantization = {1: (r.rng.uniform(0.01, 0.05, shape[0]).tolist(), [0] * shape[0], 0)}
    return case


@of("BATCH_MATMUL/hybrid")
def hybrid_product(r, op):
    case = batch_matmul(r, op)
    case.operands[1] = (np.maximum(r.all_values("int8", case.operands[1][0].shape), np.int8(-127)), True)
    case.quantization = {1: ([float(r.rng.uniform(0.01, 0.05))], [0], 0)}
    return case


@of("EMBEDDING_LOOKUP/quantised")
def embedding(r, op):
    """int8 rows as floats, with a scale for each or one for all."""
    case = embedding_lookup(r, op)
    rows = case.operands[1][0].shape
    scales = r.rng.uniform(0.01, 0.05, rows[0] if r.chance(0.5) else 1)
    return Case([case.operands[0], (r.all_values("int8", rows), True)], ["float32"], case.options, {1: (scales.tolist(), [0] * len(scales), 0)})


@of("QUANTIZE/quantised")
def requantise(r, op):
    source = r.pick(ALL)
    target = r.pick(("int8", "uint8", "int16", "int32") if source == "int16" else BYTES + (("int16",) if source == "int8" else ()))
    out = ([float(r.rng.uniform(0.001, 0.01))], [0], 0) if target == "int32" else affine(r, target)
    return Case([(r.all_values(source, r.shape(0, 4)), False)], [target], options("Quantize"), {0: affine(r, source), 1: out})
