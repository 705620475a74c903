"""Custom operators of the stock runtime, sparse constants, random numbers with seeds, and what fits nowhere else."""

import flatbuffers.flexbuffers as flexbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

from . import of
from .layers import PADDING, biased, window
from .random_parts import Case, options


@of("ADD_N")
def add_n(r, op):
    shape, dtype = r.shape(0, 4, empty=0), r.pick(("float32", "int32"))
    return Case([(r.values(dtype, shape), i > 0 and r.chance(0.3)) for i in range(r.number(2, 5))], [dtype], options("AddN"))


@of("CONV_3D_TRANSPOSE")
def conv3d_transpose(r, op):
    depth, wide = r.number(1, 3), r.number(1, 3)
    made = {**window(r, fused=False), "strideD": r.number(1, 2), "dilationDFactor": 1, "dilationHFactor": 1, "dilationWFactor": 1}
    size, kernel = [r.number(2, 4) for _ in range(3)], [r.number(1, 3) for _ in range(3)]
    steps = (made["strideD"], made["strideH"], made["strideW"])
    out = [s * t if made["padding"] == PADDING[0] else (s - 1) * t + k for s, t, k in zip(size, steps, kernel)]
    operands = [(np.array([1, *out, wide], "int32"), True), (r.values("float32", [*kernel, wide, depth], -1, 1), r.constant()), (r.values("float32", [1, *size, depth]), False)]
    return Case(biased(r, operands, wide), ["float32"], options("Conv3D", **made))


@of("RANDOM_UNIFORM", "RANDOM_STANDARD_NORMAL")
def random(r, op):
    return Case([r.amounts(r.shape(1, 3))], ["float32"], options("Random", seed=r.number(1, 99), seed2=r.number(0, 99)))


@of("MULTINOMIAL")
def multinomial(r, op):
    dtype = r.pick(("int32", "int64"))
    return Case([(r.values("float32", [r.number(1, 3), r.number(1, 5)], -2, 2), False), (np.array(r.number(0, 6), "int32"), r.constant())], [dtype],
                options("Random", seed=r.number(1, 99), seed2=r.number(0, 99)))


@of("AudioSpectrogram")
def spectrogram(r, op):
    members = {"magnitude_squared": r.chance(0.5), "stride": r.number(1, 20), "window_size": r.number(2, 40)}
    return Case([(r.values("float32", [r.number(1, 90), r.number(1, 2)], -1, 1), False)], ["float32"], custom=(op, flexbuffers.Dumps(members)))


@of("Mfcc")
def mfcc(r, op):
    bands = r.number(4, 20)
    members = {"dct_coefficient_count": r.number(1, bands), "filterbank_channel_count": bands, "lower_frequency_limit": r.pick((20.0, 100.0)), "upper_frequency_limit": r.pick((3000.0, 4000.0))}
    x = np.abs(r.values("float32", [r.number(1, 2), r.number(1, 3), r.number(33, 129)], 0, 4))
    return Case([(x, False), (np.array(r.pick((8000, 16000)), "int32"), r.constant())], ["float32"], custom=(op, flexbuffers.Dumps(members)))


@of("NumericVerify")
def numeric_verify(r, op):
    shape, dtype = r.shape(1, 3, empty=0), r.pick(("int8", "uint8", "int16", "float16"))
    x = r.values("float16", shape) if dtype == "float16" else r.all_values(dtype, shape)
    quantization = {} if dtype == "float16" else {0: ([r.rng.uniform(0.01, 0.1)], [0 if dtype == "int16" else 3], 0)}
    return Case([(x, False), (r.values("float32", shape), False)], ["float32"], quantization=quantization, custom=(op, flexbuffers.Dumps({"log_if_failed": False, "tolerance": 5.0})))


@of("aeq.hadamard_rotation")
def hadamard(r, op):
    size = 2 ** r.number(0, 7)
    shape = r.shape(1, 2, empty=0) + [size * r.number(1, 3)]
    return Case([(r.values("float32", shape), False)], ["float32"], custom=(op, flexbuffers.Dumps({"hadamard_size": size, "random_binary_vector": [1] * size})), shapes=[shape])


def csr(rows):
    """DimensionMetadata of the indices that occur in each row."""
    made = schema.DimensionMetadataT()
    made.format, made.arraySegmentsType, made.arrayIndicesType = schema.DimensionType.SPARSE_CSR, schema.SparseIndexVector.Int32Vector, schema.SparseIndexVector.Int32Vector
    made.arraySegments, made.arrayIndices = schema.Int32VectorT(), schema.Int32VectorT()
    made.arraySegments.values = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).tolist()
    made.arrayIndices.values = [i for row in rows for i in row]
    return made


def dense(size):
    made = schema.DimensionMetadataT()
    made.format, made.denseSize = schema.DimensionType.DENSE, size
    return made


@of("DENSIFY")
def densify(r, op):
    """A matrix with elements, or blocks of columns, of which some are left out."""
    block, dtype = r.pick((1, 1, 2, 4)), r.pick(("float32", "int8", "float16"))
    rows, columns = r.number(1, 5), r.number(1, 4)
    kept = [[c for c in range(columns) if r.chance(0.5)] for _ in range(rows)]
    whole = np.zeros([rows, columns, block], dtype)
    for i, row in enumerate(kept):
        whole[i, row] = r.values(dtype, [len(row), block], 1, 9)
    stored = np.concatenate([whole[i, row].reshape(-1) for i, row in enumerate(kept)])
    parameters = schema.SparsityParametersT()
    parameters.traversalOrder, parameters.dimMetadata = [0, 1], [dense(rows), csr(kept)]
    if block > 1:
        parameters.traversalOrder, parameters.blockMap, parameters.dimMetadata = [0, 1, 2], [1], [dense(rows), csr(kept), dense(block)]
    x = whole.reshape(rows, columns * block)
    if stored.size == 0:
        return densify(r, op)
    return Case([(x, True)], [dtype], options("Densify"), sparsity={0: (parameters, stored)})
