"""What only moves elements, and what makes shapes."""

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from . import of
from .random_parts import Case, options

COMMON = ("float32", "int32", "int64", "int8", "uint8", "int16", "bool")
SHAPES = ("int32", "int64")


@of("RESHAPE")
def reshape(r, op):
    shape, dtype = r.shape(0, 5), r.pick(COMMON)
    count, target = int(np.prod(shape)), []
    while count > 1 and len(target) < 4:
        target.append(r.pick([d for d in range(1, count + 1) if count % d == 0]))
        count //= target[-1]
    target.append(count)
    if r.chance(0.3) and count:
        target[r.number(0, len(target) - 1)] = -1
    amounts, constant = r.amounts(target)
    if r.chance(0.1):  # not a vector: the option counts
        amounts = amounts[None]
    return Case([(r.values(dtype, shape), False), (amounts, constant)], [dtype], options("Reshape", newShape=target))


@of("TRANSPOSE")
def transpose(r, op):
    shape, dtype = r.shape(1, 6), r.pick(COMMON)  # LiteRT leaves a result of rank 0 unwritten
    return Case([(r.values(dtype, shape), False), r.amounts(r.rng.permutation(len(shape)))], [dtype], options("Transpose"))


@of("PAD", "PADV2", "MIRROR_PAD")
def pad(r, op):
    shape, dtype, mode = r.shape(1, 5), r.pick(COMMON[:-1]), r.number(0, 1)
    most = [max(d - (mode == 0), 0) if op == "MIRROR_PAD" else 2 for d in shape]
    amounts = r.amounts([[r.number(0, min(m, 3)), r.number(0, min(m, 3))] for m in most], SHAPES)
    value = [(r.values(dtype, [], 0, 9), r.constant())] if op == "PADV2" else []
    return Case([(r.values(dtype, shape), False), amounts, *value], [dtype], options("MirrorPad", mode=mode) if op == "MIRROR_PAD" else options("Pad" if op == "PAD" else "PadV2"))


@of("SLICE")
def cut(r, op):
    shape, dtype, index = r.shape(0, 5), r.pick(COMMON), r.pick(SHAPES)
    begin = [r.number(0, d) for d in shape]
    size = [-1 if r.chance(0.2) else r.number(0, d - b) for d, b in zip(shape, begin)]
    return Case([(r.values(dtype, shape), False), r.amounts(begin, (index,)), r.amounts(size, (index,))], [dtype], options("Slice"))


@of("STRIDED_SLICE")
def strided_slice(r, op):
    shape, dtype = r.shape(1, 5), r.pick(COMMON)
    rank = r.number(1, len(shape))
    mask = lambda p: sum(1 << i for i in range(rank) if r.chance(p))
    ends = [[r.number(-d - 2, d + 2) for d in shape[:rank]] for _ in range(2)]
    shrink = sum(1 << i for i in range(rank) if shape[i] and r.chance(0.15))
    strides = [1 if shrink >> i & 1 else r.pick((1, 1, 2, 3, -1, -2)) for i in range(rank)]
    begin = [r.number(-d, d - 1) if shrink >> i & 1 and d else b for i, (b, d) in enumerate(zip(ends[0], shape))]
    constant = r.constant()
    if not shrink and rank == len(shape) and r.chance(0.3):
        return offsets(r, shape, dtype, strides, constant)
    operands = [(np.array(a, "int32"), constant) for a in (begin, ends[1], strides)]
    ellipsis = 1 << r.number(0, rank - 1) if r.chance(0.15) and not shrink else 0  # behind an ellipsis, entries belong to other dimensions
    made = options("StridedSlice", beginMask=mask(0.3), endMask=mask(0.3), ellipsisMask=ellipsis, newAxisMask=mask(0.1) if len(shape) < 4 and not shrink else 0, shrinkAxisMask=shrink, offset=False)
    return Case([(r.values(dtype, shape), False), *operands], [dtype], made)


def offsets(r, shape, dtype, strides, constant):
    """Ends that count from the begins. Where one leaves the tensor, or there is none for a dimension, LiteRT reads behind the tensor;
    an end before the first element it takes for one behind the last."""
    begin = [r.number(-d, d - 1) if d else 0 for d in shape]
    from_start = [b + d if b < 0 else b for b, d in zip(begin, shape)]
    end = [r.number(0, d - b) if s > 0 else -r.number(0, b) if d else 0 for b, d, s in zip(from_start, shape, strides)]
    operands = [(np.array(a, "int32"), constant) for a in (begin, end, strides)]
    return Case([(r.values(dtype, shape), False), *operands], [dtype], options("StridedSlice", offset=True))


@of("TILE")
def tile(r, op):
    shape, dtype = r.shape(0, 5), r.pick(COMMON)
    return Case([(r.values(dtype, shape), False), r.amounts([r.number(0, 3) if r.chance(0.1) else r.number(1, 2) for _ in shape], SHAPES)], [dtype], options("Tile"))


@of("BROADCAST_TO")
def broadcast_to(r, op):
    shape, dtype = r.shape(1, 6, most=4), r.pick(COMMON)
    return Case([(r.values(dtype, r.broadcast_to(shape)), False), r.amounts(shape, SHAPES)], [dtype], options("BroadcastTo"))


@of("BROADCAST_ARGS")
def broadcast_args(r, op):
    shape, dtype = r.shape(0, 5), r.pick(SHAPES)
    pair = [(np.array(a, dtype), r.constant(0.3)) for a in (r.broadcast_to(shape), shape)]
    return Case(pair if r.chance(0.5) else pair[::-1], [dtype])


@of("REVERSE_V2")
def reverse(r, op):
    shape, dtype = r.shape(1, 5), r.pick(COMMON)
    first, count = r.number(0, len(shape) - 1), r.number(1, 3)
    return Case([(r.values(dtype, shape), False), (np.arange(first, min(first + count, len(shape)), dtype="int32"), r.constant())], [dtype], options("ReverseV2"))


@of("REVERSE_SEQUENCE")
def reverse_sequence(r, op):
    shape, dtype = r.shape(2, 5), r.pick(("float32", "int32", "int64", "uint8", "int16"))
    seq, batch = (int(a) for a in r.rng.permutation(len(shape))[:2])
    lengths = r.values(r.pick(SHAPES), [shape[batch]], 0, shape[seq])
    return Case([(r.values(dtype, shape), False), (lengths, r.constant())], [dtype], options("ReverseSequence", seqDim=seq, batchDim=batch))


@of("SPLIT", "SPLIT_V", "UNPACK")
def split(r, op):
    shape, dtype = r.shape(1, 5), r.pick(("float32", "int32", "int8", "uint8", "int16"))
    axis, count = r.axis(len(shape)), r.number(1, 4)
    x, at = (r.values(dtype, shape), False), (np.array(axis, "int32"), r.constant())
    if op == "UNPACK":
        count = shape[axis] = max(shape[axis], 1)
        return Case([(r.values(dtype, shape), False)], [dtype] * count, options("Unpack", num=count, axis=axis))
    if op == "SPLIT":
        shape[axis] *= count
        return Case([at, (r.values(dtype, shape), False)], [dtype] * count, options("Split", numSplits=count))
    cuts = np.sort(r.values("int32", [count - 1], 0, shape[axis]))
    sizes = np.diff(np.concatenate([[0], cuts, [shape[axis]]]))
    if r.chance(0.3):
        sizes[r.number(0, count - 1)] = -1
    return Case([x, r.amounts(sizes, SHAPES), at], [dtype] * count, options("SplitV", numSplits=count))


@of("PACK", "CONCATENATION")
def pack(r, op):
    shape, dtype, count = r.shape(1, 4), r.pick(COMMON), r.number(1, 4)
    axis = r.number(-len(shape) - 1, len(shape)) if op == "PACK" else r.axis(len(shape))
    shapes = [list(shape) for _ in range(count)]
    if op == "CONCATENATION":
        for s in shapes:
            s[axis] = r.dim()
    made = options("Pack", valuesCount=count, axis=axis) if op == "PACK" else options("Concatenation", axis=axis)
    return Case([(r.values(dtype, s), i > 0 and r.chance(0.2)) for i, s in enumerate(shapes)], [dtype], made)


@of("EXPAND_DIMS")
def expand_dims(r, op):
    shape, dtype = r.shape(0, 4), r.pick(COMMON)
    return Case([(r.values(dtype, shape), False), r.amounts(r.number(-len(shape) - 1, len(shape)), SHAPES)], [dtype], options("ExpandDims"))


@of("SQUEEZE")
def squeeze(r, op):
    shape, dtype = [1 if r.chance(0.5) else d for d in r.shape(0, 5)], r.pick(COMMON)
    dims = [i - len(shape) * r.chance(0.4) for i, d in enumerate(shape) if d == 1 and r.chance(0.6)]
    return Case([(r.values(dtype, shape), False)], [dtype], options("Squeeze", squeezeDims=dims))


@of("SPACE_TO_DEPTH", "DEPTH_TO_SPACE")
def depth(r, op):
    n, h, w, c = r.shape(4, 4)
    block, dtype = r.number(1, 3), r.pick(("float32", "int32", "int64", "int8", "uint8"))
    shape = [n, h, w, c * block * block] if op == "DEPTH_TO_SPACE" else [n, h * block, w * block, c]
    return Case([(r.values(dtype, shape), False)], [dtype], options("DepthToSpace" if op == "DEPTH_TO_SPACE" else "SpaceToDepth", blockSize=block))


@of("SPACE_TO_BATCH_ND", "BATCH_TO_SPACE_ND")
def batch(r, op):
    shape, dtype = r.shape(3, 4), r.pick(("float32", "int32", "int64", "int8", "uint8"))
    blocks = [r.number(1, 3) for _ in shape[1:-1]]
    if op == "SPACE_TO_BATCH_ND":
        pads = [[r.number(0, 2), 0] for _ in blocks]
        for i, b in enumerate(blocks):
            pads[i][1] = -(shape[i + 1] + pads[i][0]) % b
        second, name = pads, "SpaceToBatchND"
    else:
        shape[0] *= int(np.prod(blocks))
        crops = [[r.number(0, d * b // 2), r.number(0, d * b // 3)] for d, b in zip(shape[1:], blocks)]
        second, name = crops, "BatchToSpaceND"
    return Case([(r.values(dtype, shape), False), r.amounts(blocks), r.amounts(second)], [dtype], options(name))


@of("GATHER")
def gather(r, op):
    shape, dtype, batch = r.shape(1, 4, empty=0.02), r.pick(COMMON), 0
    axis = r.axis(len(shape))
    if r.chance(0.3) and axis % len(shape) > 0:
        batch = r.number(1, axis % len(shape))
    indices = r.values(r.pick(SHAPES), shape[:batch] + r.shape(0, 2), 0, max(shape[axis] - 1, 0))
    return Case([(r.values(dtype, shape), False), (indices, r.constant())], [dtype], options("Gather", axis=axis, batchDims=batch))


@of("GATHER_ND", "SCATTER_ND")
def nd(r, op):
    shape, dtype = [max(d, 1) for d in r.shape(1, 4)], r.pick(("float32", "int32", "int64", "int8", "uint8"))
    depth, index = r.number(1, len(shape)), r.pick(SHAPES) if op == "GATHER_ND" else "int32"
    outer = r.shape(1, 2)
    indices = np.stack([r.values(index, outer, 0, d - 1) for d in shape[:depth]], -1)
    if op == "GATHER_ND":
        return Case([(r.values(dtype, shape), False), (indices, r.constant())], [dtype], options("GatherNd"))
    return Case([(indices, r.constant()), (r.values(dtype, outer + shape[depth:], 0, 9), False), r.amounts(shape)], [dtype], options("ScatterNd"))


@of("DYNAMIC_UPDATE_SLICE")
def update_slice(r, op):
    shape, dtype = r.shape(1, 5), r.pick(COMMON)
    update = [r.number(min(d, 1), d) for d in shape]
    return Case([(r.values(dtype, shape), False), (r.values(dtype, update), False), r.amounts([r.number(-2, d + 2) for d in shape], SHAPES)], [dtype], options("DynamicUpdateSlice"))


@of("FILL")
def fill(r, op):
    dtype = r.pick(COMMON)
    return Case([r.amounts(r.shape(0, 4), SHAPES), (r.values(dtype, []), r.constant(0.3))], [dtype], options("Fill"))


@of("RANGE")
def range_(r, op):
    dtype = r.pick(("float32", "int32", "int64"))
    start, step = r.number(-9, 9), r.pick((1, 2, -1, -3, 5))
    limit = start + step * r.number(0, 7) + r.number(0, abs(step) - 1) * (1 if step > 0 else -1)
    scale = 0.5 if dtype == "float32" else 1
    return Case([(np.array(v * scale, dtype), r.constant(0.3)) for v in (start, limit, step)], [dtype], options("Range"))


@of("RANK", "SHAPE")
def rank(r, op):
    out = "int32" if op == "RANK" else r.pick(SHAPES)
    made = options("Rank") if op == "RANK" else options("Shape", outType=getattr(schema.TensorType, out.upper()))
    return Case([(r.values(r.pick(COMMON), r.shape(0, 6)), False)], [out], made)


@of("ONE_HOT")
def one_hot(r, op):
    shape, dtype = r.shape(0, 3), r.pick(("float32", "int32", "int64", "int8", "uint8", "bool"))
    operands = [(r.values(r.pick(SHAPES), shape, -1, 5), False), (np.array(r.number(0, 5), "int32"), r.constant())]
    return Case(operands + [(r.values(dtype, [], 0, 9), r.constant()) for _ in range(2)], [dtype], options("OneHot", axis=r.number(-1, len(shape))))


@of("SPARSE_TO_DENSE")
def sparse_to_dense(r, op):
    shape, dtype, index = [max(d, 1) for d in r.shape(1, 4)], r.pick(("float32", "int32", "int64", "int8", "uint8")), r.pick(SHAPES)
    count = r.number(0, 4)
    flat = np.sort(r.rng.permutation(int(np.prod(shape)))[:count])
    indices = np.stack(np.unravel_index(flat, shape), -1).astype(index)
    values = r.values(dtype, [] if r.chance(0.3) else [len(flat)], 0, 9)
    return Case([(indices, r.constant()), r.amounts(shape, (index,)), (values, False), (r.values(dtype, [], 0, 9), r.constant())], [dtype], options("SparseToDense", validateIndices=False))


@of("MATRIX_DIAG", "MATRIX_SET_DIAG")
def diag(r, op):
    dtype = r.pick(("float32", "int32", "int64", "int8", "uint8", "int16"))
    if op == "MATRIX_DIAG":
        return Case([(r.values(dtype, r.shape(1, 4)), False)], [dtype], options("MatrixDiag"))
    shape = r.shape(2, 4)
    return Case([(r.values(dtype, shape), False), (r.values(dtype, shape[:-2] + [min(shape[-2:])]), False)], [dtype], options("MatrixSetDiag"))


@of("EMBEDDING_LOOKUP")
def embedding_lookup(r, op):
    shape = [max(d, 1) for d in r.shape(2, 4)]
    return Case([(r.values("int32", [r.number(0, 6)], 0, shape[0] - 1), False), (r.values("float32", shape), r.constant())], ["float32"])


@of("EMBEDDING_LOOKUP_SPARSE")
def embedding_lookup_sparse(r, op):
    value, dense, n = [r.number(1, 5)] + r.shape(1, 2, empty=0), [r.number(1, 4) for _ in range(r.number(1, 3))], r.number(0, 8)
    indices = np.stack([r.values("int32", [n], 0, d - 1) for d in dense], -1)
    indices = indices[np.lexsort(indices.T[::-1])]  # in order, as LiteRT silently takes for granted
    operands = [(r.values("int32", [n], 0, value[0] - 1), False), (indices, False), r.amounts(dense), (r.values("float32", [n], 0.5, 2), False), (r.values("float32", value), r.constant())]
    return Case(operands, ["float32"], options("EmbeddingLookupSparse", combiner=r.number(0, 2)))


@of("HASHTABLE_LOOKUP")
def hashtable_lookup(r, op):
    keys = np.sort(r.rng.permutation(20)[:r.number(1, 8)]).astype("int32")
    value = [len(keys)] + r.shape(1, 2, empty=0)
    return Case([(r.values("int32", [r.number(1, 6)], 0, 20), False), (keys, r.constant()), (r.values("float32", value), r.constant())], ["float32", "uint8"])


@of("DILATE")
def dilate(r, op):
    shape, dtype = r.shape(1, 5), r.pick(COMMON)
    return Case([(r.values(dtype, shape), False), (r.values("int32", [len(shape)], 1, 3), True), (r.values(dtype, [], 0, 9), r.constant())], [dtype], options("Dilate"))
