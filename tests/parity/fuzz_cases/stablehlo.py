"""STABLEHLO operators with index spaces and bodies of their own."""

import numpy as np
from support.one_op import Body

from . import of
from .random_parts import Case, options

TYPES = ("float32", "int32", "int64", "int8", "uint8", "int16", "float16", "bool")


def folding(name, dtype):
    """A subgraph of two scalars: one operator, or the second of them."""
    x = (np.zeros([], dtype), False)
    return Body([x, x, x], [0, 1], [2], [(name, None, [0, 1], [2])]) if name else Body([x, x], [0, 1], [1])


@of("STABLEHLO_GATHER")
def gather(r, op):
    shape, index = r.shape(1, 4, empty=0), r.pick(("int32", "int64"))
    sizes = [r.number(1, d) if r.chance(0.5) else 1 for d in shape]
    collapsed = [i for i, s in enumerate(sizes) if s == 1 and r.chance(0.5)]
    mapped = [int(i) for i in r.rng.permutation(len(shape))[:r.number(1, len(shape))]]
    batch, last = r.shape(0, 2, empty=0), r.chance(0.8) or len(mapped) > 1
    vector = r.number(0, len(batch)) if last else len(batch)
    indices = batch[:vector] + ([len(mapped)] if last else []) + batch[vector:]
    rank = len(batch) + len(shape) - len(collapsed)
    offset = sorted(int(i) for i in r.rng.permutation(rank)[:len(shape) - len(collapsed)])
    made = options("StablehloGather", offsetDims=offset, collapsedSliceDims=collapsed, startIndexMap=mapped, indexVectorDim=vector, sliceSizes=sizes, indicesAreSorted=False)
    dtype = r.pick(TYPES)
    return Case([(r.values(dtype, shape), False), (r.values(index, indices, -2, max(shape) + 1), r.constant())], [dtype], made, shapes=[[1] * rank])


@of("STABLEHLO_SCATTER")
def scatter(r, op):
    shape, dtype = r.shape(1, 4, empty=0), r.pick(TYPES)
    inserted = [i for i in range(len(shape)) if r.chance(0.4)]
    window = [r.number(1, d) for i, d in enumerate(shape) if i not in inserted]
    mapped = [int(i) for i in r.rng.permutation(len(shape))[:r.number(1, len(shape))]]
    batch = r.shape(0, 2, empty=0.03)
    vector = r.number(0, len(batch))
    indices = batch[:vector] + [len(mapped)] + batch[vector:]
    rank = len(batch) + len(window)
    where = sorted(int(i) for i in r.rng.permutation(rank)[:len(window)])
    updates, w, b = [], iter(window), iter(batch)
    for i in range(rank):
        updates.append(next(w) if i in where else next(b))
    made = options("StablehloScatter", updateWindowDims=where, insertedWindowDims=inserted, scatterDimsToOperandDims=mapped, indexVectorDim=vector, updateComputationSubgraphIndex=1)
    body = folding(r.pick((None, "STABLEHLO_ADD", "STABLEHLO_MULTIPLY", "STABLEHLO_MAXIMUM", "STABLEHLO_MINIMUM")), dtype)
    operands = [(r.values(dtype, shape), False), (r.values(r.pick(("int32", "int64")), indices, -1, max(shape)), r.constant()), (r.values(dtype, updates), False)]
    return Case(operands, [dtype], made, bodies=(body,))


@of("STABLEHLO_PAD")
def pad(r, op):
    shape, dtype = r.shape(1, 4), r.pick(TYPES)
    interior = [r.pick((0, 0, 1, 2)) for _ in shape]
    spread = [max(d - 1, 0) * (i + 1) + min(d, 1) for d, i in zip(shape, interior)]
    low = [r.number(-s // 3, 3) for s in spread]
    high = [r.number(-((s + min(l, 0)) // 3), 3) for s, l in zip(spread, low)]
    if any(s + l + h <= 0 for s, l, h in zip(spread, low, high)):  # LiteRT gives 0 for every dimension then
        low, high = [max(l, 1) for l in low], [max(h, 0) for h in high]
    made = options("StablehloPad", edgePaddingLow=low, edgePaddingHigh=high, interiorPadding=interior)
    return Case([(r.values(dtype, shape), False), (r.values(dtype, [], 0, 9), r.constant())], [dtype], made)


@of("STABLEHLO_REDUCE_WINDOW")
def reduce_window(r, op):
    shape, dtype = r.shape(1, 4, empty=0), r.pick(("float32", "int32", "int64", "uint8", "int8", "int16", "bool"))
    base = [r.pick((1, 1, 2)) for _ in shape]
    low, high = ([r.number(-1, 2) if d > 2 else r.number(0, 2) for d in shape] for _ in range(2))
    padded = [(d - 1) * b + 1 + l + h for d, b, l, h in zip(shape, base, low, high)]
    window = [r.number(1, p) for p in padded]
    made = options("StablehloReduceWindow", windowDimensions=window, windowStrides=[r.number(1, 3) for _ in shape], baseDilations=base,
                   windowDilations=[r.number(1, max(1, (p - 1) // (w - 1))) if w > 1 else 1 for p, w in zip(padded, window)],
                   padding=[v for pair in zip(low, high) for v in pair], bodySubgraphIndex=1)
    names = ("LOGICAL_AND", "LOGICAL_OR", "STABLEHLO_AND", "STABLEHLO_ADD") if dtype == "bool" else ("ADD", "MUL", "MAXIMUM", "MINIMUM", "STABLEHLO_ADD", "STABLEHLO_MAXIMUM")
    return Case([(r.values(dtype, shape, -3, 3), False), (r.values(dtype, [], 0, 2), r.constant())], [dtype], made, bodies=(folding(r.pick(names), dtype),))


@of("STABLEHLO_RNG_BIT_GENERATOR")
def bits(r, op):
    algorithm = r.number(0, 2)
    words = 2 if algorithm == 2 else r.number(2, 3)
    state = r.all_values("uint64", [words]) if r.chance(0.8) else np.array([5, 2**64 - 2, 1][:words], "uint64")
    dtype = r.pick(("int32", "uint32", "int64", "uint64"))
    return Case([(state, False)], ["uint64", dtype], options("StablehloRngBitGenerator", algorithm=algorithm), shapes=[[words], r.shape(1, 3)])
