"""The one-operator models of kernel_bench.py: tensors so large that memory or the multiply-add units set the pace.

CASES: {name: function that gives a Case}. Names are OPERATOR or OPERATOR/variant; they come in the order of the report.
"""

import dataclasses
import itertools

import numpy as np
from ai_edge_litert import schema_py_generated as schema

CASES = {}
SCALE = 4  # how many times 16 MiB a tensor of float32 has: beyond the last cache of most machines; kernel_bench.py may set another before it makes a case


def many(size):
    """The dimension that grows with SCALE."""
    return size * SCALE


def large():
    """Elements."""
    return many(1 << 22)



@dataclasses.dataclass
class Case:
    op: str
    operands: list         # [(array, is it constant)]
    outputs: list          # types of the results
    options: object = None
    version: int = 1
    read: object = None    # a function that gives the bytes that must be read, if not all operands'
    flops: float = 0       # of matrix products, whose bound is the multiply-add peak
    quantization: object = None  # {tensor: (scales, zero points, axis)}, tensors counted over the operands and then the results
    arithmetic: float = 0  # instructions for each vector of results, moves not counted, in the disassembly for AVX-512: each takes the place of a multiply-add


def options(kind, **members):
    made = getattr(schema, kind + "OptionsT")()
    for name, value in members.items():
        setattr(made, name, value)
    return made


def floats(*shape, low=-4, high=4, dtype="float32"):
    return np.random.default_rng(1).uniform(low, high, shape).astype(dtype)


def ints(*shape, low=0, high=100, dtype="int32"):
    return np.random.default_rng(1).integers(low, high, shape, dtype=dtype)


def bools(*shape):
    return np.random.default_rng(1).random(shape) < 0.5


def constant(values, dtype="int32"):
    return np.array(values, dtype), True


def case(name, make):
    assert name not in CASES, name
    CASES[name] = make


def add(name, op, operands, outputs=("float32",), made=None, **more):
    """operands: a function that gives the arrays, or (array, True) for constants."""
    case(name, lambda: Case(op, [o if isinstance(o, tuple) else (o, False) for o in operands()], list(outputs), made() if made else None, **more))


def add_unary():
    positive = ("LOG", "SQRT", "RSQRT")
    for op in ("ABS", "NEG", "RELU", "RELU6", "FLOOR", "ROUND", "SIGN", "SQUARE", "SQRT", "RSQRT", "EXP", "LOG", "TANH", "LOGISTIC", "SIN", "COS", "ELU", "HARD_SWISH"):
        add(op, op, lambda op=op: [floats(large(), low=0.01 if op in positive else -4)])
    add("LEAKY_RELU", "LEAKY_RELU", lambda: [floats(large())], made=lambda: options("LeakyRelu", alpha=0.1))
    for form in (False, True):
        add(f"GELU/{'tanh' if form else 'erf'}", "GELU", lambda: [floats(large())], made=lambda form=form: options("Gelu", approximate=form))
    for op in ("ABS", "NEG"):
        add(f"{op}/int32", op, lambda: [ints(large(), low=-50)], ("int32",))
    add("LOGICAL_NOT", "LOGICAL_NOT", lambda: [bools(4 * large())], ("bool",))


BINARY = {"ADD": "Add", "SUB": "Sub", "MUL": "Mul", "DIV": "Div", "MAXIMUM": "MaximumMinimum", "MINIMUM": "MaximumMinimum", "POW": "Pow",
          "SQUARED_DIFFERENCE": "SquaredDifference", "FLOOR_DIV": "FloorDiv", "FLOOR_MOD": "FloorMod"}
ARITHMETIC = {"POW": 58}
COMPARE = {"LESS": "Less", "GREATER_EQUAL": "GreaterEqual", "EQUAL": "Equal", "NOT_EQUAL": "NotEqual"}


def add_binary():
    shapes = {"": lambda: (many(1024), 4096), "/row": lambda: (4096,), "/column": lambda: (many(1024), 1), "/scalar": lambda: (1,)}
    for op, kind in BINARY.items():
        for variant, shape in shapes.items():
            if variant and op not in ("ADD", "MUL", "DIV", "POW"):
                continue
            add(op + variant, op, lambda shape=shape: [floats(many(1024), 4096, low=0.1), floats(*shape(), low=0.5, high=3)], made=lambda kind=kind: options(kind), arithmetic=ARITHMETIC.get(op, 0))
    add("ADD/channels", "ADD", lambda: [floats(many(4), 256, 64, 64), floats(64)], made=lambda: options("Add"))
    add("ADD/middle", "ADD", lambda: [floats(many(16), 64, 4096), floats(many(16), 1, 4096)], made=lambda: options("Add"))
    add("MUL/gate", "MUL", lambda: [floats(many(4), 64, 64, 256), floats(many(4), 1, 1, 256)], made=lambda: options("Mul"))
    for op in ("ADD", "MUL", "FLOOR_DIV", "FLOOR_MOD"):
        add(f"{op}/int32", op, lambda: [ints(large(), low=-99), ints(large(), low=1, high=9)], ("int32",), lambda op=op: options(BINARY[op]))
    add("PRELU", "PRELU", lambda: [floats(many(16), 64, 64, 64), (floats(1, 1, 64), True)])
    for op, kind in COMPARE.items():
        add(op, op, lambda: [floats(large()), floats(large())], ("bool",), lambda kind=kind: options(kind))
    add("LESS/scalar", "LESS", lambda: [floats(large()), floats(1)], ("bool",), lambda: options("Less"))
    add("EQUAL/int32", "EQUAL", lambda: [ints(large()), ints(large())], ("bool",), lambda: options("Equal"))
    add("LOGICAL_AND", "LOGICAL_AND", lambda: [bools(4 * large()), bools(4 * large())], ("bool",), lambda: options("LogicalAnd"))
    add("SELECT", "SELECT", lambda: [bools(large()), floats(large()), floats(large())], made=lambda: options("Select"))
    add("SELECT_V2/scalar", "SELECT_V2", lambda: [bools(many(1024), 4096), floats(many(1024), 4096), floats(1)], made=lambda: options("SelectV2"))
    add("SELECT_V2/mask", "SELECT_V2", lambda: [bools(1, 1, 512, 512), floats(1, many(16), 512, 512), floats(1)], made=lambda: options("SelectV2"))


def add_cast():
    makers = {"float32": floats, "int32": ints, "int64": lambda *s: ints(*s, dtype="int64"), "uint8": lambda *s: ints(*s, dtype="uint8"),
              "int8": lambda *s: ints(*s, dtype="int8"), "bool": bools, "float16": lambda *s: floats(*s, dtype="float16")}
    pairs = ("float32 int32", "int32 float32", "float32 int64", "int64 float32", "int64 int32", "int32 int64", "uint8 float32", "float32 uint8", "int8 float32",
             "bool float32", "float32 bool", "bool int32", "float16 float32", "float32 float16")
    for source, target in (p.split() for p in pairs):
        kinds = [getattr(schema.TensorType, t.upper()) for t in (source, target)]
        add(f"CAST/{source}-{target}", "CAST", lambda source=source: [makers[source](large())], (target,), lambda kinds=kinds: options("Cast", inDataType=kinds[0], outDataType=kinds[1]))


def add_quantise():
    """To and from stored values, and from one scale to another."""
    scale = {"int8": ([0.0314], [3], 0), "uint8": ([0.0314], [131], 0), "int16": ([0.000122], [0], 0)}
    stored = lambda kind: ints((1 if kind == "int16" else 2) * large(), low=-100 if kind != "uint8" else 0, high=100, dtype=kind)
    for kind, parameters in scale.items():
        add(f"QUANTIZE/{kind}", "QUANTIZE", lambda: [floats(large())], (kind,), lambda: options("Quantize"), quantization={1: parameters})
        add(f"DEQUANTIZE/{kind}", "DEQUANTIZE", lambda kind=kind: [stored(kind)], made=lambda: options("Dequantize"), version=3, quantization={0: parameters})
    for source, target in (("int8", "uint8"), ("uint8", "int8"), ("int8", "int8"), ("int16", "int16"), ("int16", "int8")):
        other = (scale[target][0][0] * 1.3,), *scale[target][1:]
        add(f"QUANTIZE/{source}-{target}", "QUANTIZE", lambda source=source: [stored(source)], (target,), lambda: options("Quantize"), version=3, quantization={0: scale[source], 1: other},
            arithmetic=16.5 if (source, target) == ("int16", "int8") else 0)  # four vectors of 32 bits become one of bytes
    add("DEQUANTIZE/float16", "DEQUANTIZE", lambda: [floats(large(), dtype="float16")], made=lambda: options("Dequantize"), version=3)
    add("FAKE_QUANT", "FAKE_QUANT", lambda: [floats(large())], made=lambda: options("FakeQuant", min=-3.0, max=3.0, numBits=8))


def add_reductions():
    places = {"first": (0,), "middle": (1,), "last": (2,), "all": (0, 1, 2), "images": (0, 1)}
    for op in ("SUM", "MEAN", "REDUCE_MAX", "REDUCE_MIN", "REDUCE_PROD"):
        for place, axes in places.items():
            if op in ("SUM", "REDUCE_MAX") or place in ("middle", "last"):
                add(f"{op}/{place}", op, lambda axes=axes: [floats(many(64), 256, 256), constant(axes)], made=lambda: options("Reducer"))
    add("MEAN/pool", "MEAN", lambda: [floats(many(32), 32, 32, 128), constant((1, 2))], made=lambda: options("Reducer"))
    add("SUM/narrow-last", "SUM", lambda: [floats(large() // 8, 8), constant((1,))], made=lambda: options("Reducer"))
    add("SUM/narrow-rows", "SUM", lambda: [floats(large() // 8, 8), constant((0,))], made=lambda: options("Reducer"))
    for place in ("first", "middle", "last"):
        for op in ("REDUCE_ANY", "REDUCE_ALL"):
            fill = np.zeros if op == "REDUCE_ANY" else np.ones
            add(f"{op}/{place}", op, lambda fill=fill, place=place: [fill((many(64), 512, 512), bool), constant(places[place])], ("bool",), lambda: options("Reducer"))
        for op, dtype in (("SUM", "int32"), ("REDUCE_PROD", "int32"), ("REDUCE_PROD", "int64")):
            add(f"{op}/{dtype}-{place}", op, lambda dtype=dtype, place=place: [ints(many(64), 256, 256, dtype=dtype), constant(places[place])], (dtype,), lambda: options("Reducer"))
        for op, kind in (("ARG_MAX", "ArgMax"), ("ARG_MIN", "ArgMin")):
            if op == "ARG_MAX" or place == "last":
                add(f"{op}/{place}", op, lambda place=place: [floats(many(64), 256, 256), constant(places[place])], ("int32",), lambda kind=kind: options(kind, outputType=schema.TensorType.INT32))
        add(f"CUMSUM/{place}", "CUMSUM", lambda place=place: [floats(many(64), 256, 256), constant(places[place][0])], made=lambda: options("Cumsum"))
    add("ARG_MAX/classes", "ARG_MAX", lambda: [floats(many(512), 512, 21), constant(2)], ("int32",), lambda: options("ArgMax", outputType=schema.TensorType.INT32))
    for depth in (10, 128, 1000, 32768):
        add(f"SOFTMAX/{depth}", "SOFTMAX", lambda depth=depth: [floats(large() // depth, depth)], made=lambda: options("Softmax", beta=1.0), arithmetic=31 if depth == 10 else 0)
        add(f"LOG_SOFTMAX/{depth}", "LOG_SOFTMAX", lambda depth=depth: [floats(large() // depth, depth)], made=lambda: options("LogSoftmax"), arithmetic=35 if depth == 10 else 0)
        add(f"L2_NORMALIZATION/{depth}", "L2_NORMALIZATION", lambda depth=depth: [floats(large() // depth, depth)], made=lambda: options("L2Norm"))


def add_transposes():
    shapes = {2: (2048, 2048), 3: (128, 160, 192), 4: (24, 48, 56, 64)}  # the first times SCALE
    for rank, shape in shapes.items():
        for perm in itertools.permutations(range(rank)):
            if perm != tuple(range(rank)):
                add("TRANSPOSE/" + "".join(map(str, perm)), "TRANSPOSE", lambda shape=shape, perm=perm: [floats(many(shape[0]), *shape[1:]), constant(perm)], made=lambda: options("Transpose"))
    add("TRANSPOSE/nhwc-nchw", "TRANSPOSE", lambda: [floats(many(8), 224, 224, 3), constant((0, 3, 1, 2))], made=lambda: options("Transpose"))
    add("TRANSPOSE/nchw-nhwc", "TRANSPOSE", lambda: [floats(many(8), 3, 224, 224), constant((0, 2, 3, 1))], made=lambda: options("Transpose"))
    add("TRANSPOSE/heads", "TRANSPOSE", lambda: [floats(many(4), 512, 12, 64), constant((0, 2, 1, 3))], made=lambda: options("Transpose"))
    add("TRANSPOSE/uint8", "TRANSPOSE", lambda: [ints(many(4096), 4096, dtype="uint8"), constant((1, 0))], ("uint8",), lambda: options("Transpose"))


def add_movers():
    for row in (1, 16, 768):
        n = lambda row=row: large() // row
        add(f"GATHER/{row}", "GATHER", lambda n=n, row=row: [floats(n() // 2, row), ints(n(), high=n() // 2)], made=lambda: options("Gather", axis=0),
            read=lambda n=n: 4 * (large() + n()))
    add("GATHER/last", "GATHER", lambda: [floats(many(4096), 1024), ints(1024, high=1024)], made=lambda: options("Gather", axis=1))
    add("EMBEDDING_LOOKUP", "EMBEDDING_LOOKUP", lambda: [ints(large() // 256, high=8192), floats(8192, 256)], read=lambda: 4 * large())
    for axis, shapes in {0: [(512, 4096)] * 2, 1: [(2048, 1024)] * 2}.items():
        add(f"CONCATENATION/{axis}", "CONCATENATION", lambda shapes=shapes: [floats(many(s[0]), s[1]) for s in shapes], made=lambda axis=axis: options("Concatenation", axis=axis))
    add("CONCATENATION/channels", "CONCATENATION", lambda: [floats(many(256), 256, 32), floats(many(256), 256, 16), floats(many(256), 256, 16)], made=lambda: options("Concatenation", axis=2))
    add("CONCATENATION/narrow", "CONCATENATION", lambda: [floats(large() // 4, 1) for _ in range(4)], made=lambda: options("Concatenation", axis=1))
    for axis in (0, 1):
        add(f"SPLIT/{axis}", "SPLIT", lambda axis=axis: [constant(axis), floats(many(1024), 4096)], ("float32",) * 4, lambda: options("Split", numSplits=4))
    add("SPLIT/narrow", "SPLIT", lambda: [constant(1), floats(large() // 4, 4)], ("float32",) * 4, lambda: options("Split", numSplits=4))
    add("PACK/last", "PACK", lambda: [floats(large() // 2) for _ in range(2)], made=lambda: options("Pack", valuesCount=2, axis=1))
    add("UNPACK/last", "UNPACK", lambda: [floats(large() // 2, 2)], ("float32",) * 2, lambda: options("Unpack", num=2, axis=1))
    add("PAD/image", "PAD", lambda: [floats(many(4), 128, 128, 64), constant([[0, 0], [1, 1], [1, 1], [0, 0]])], made=lambda: options("Pad"))
    add("PAD/rgb", "PAD", lambda: [floats(many(8), 320, 320, 3), constant([[0, 0], [3, 3], [3, 3], [0, 0]])], made=lambda: options("Pad"))
    add("PAD/channels", "PAD", lambda: [floats(many(4), 128, 128, 48), constant([[0, 0], [0, 0], [0, 0], [0, 16]])], made=lambda: options("Pad"))
    add("MIRROR_PAD", "MIRROR_PAD", lambda: [floats(many(4), 128, 128, 64), constant([[0, 0], [1, 1], [1, 1], [0, 0]])], made=lambda: options("MirrorPad", mode=0))
    for name, begin, size in (("rows", (256, 0), (512, 4096)), ("columns", (0, 1024), (1000, 2048)), ("odd", (1, 1), (1000, 4094))):
        add(f"SLICE/{name}", "SLICE", lambda begin=begin, size=size: [floats(many(1024), 4096), constant(begin), constant((many(size[0]), size[1]))], made=lambda: options("Slice"),
            read=lambda size=size: 4 * many(size[0]) * size[1])
    add("STRIDED_SLICE/rows", "STRIDED_SLICE", lambda: [floats(many(2048), 4096), constant((0, 0)), constant((many(2048), 4096)), constant((2, 1))], made=lambda: options("StridedSlice"), read=lambda: 4 * large())
    add("STRIDED_SLICE/columns", "STRIDED_SLICE", lambda: [floats(many(1024), 8192), constant((0, 0)), constant((many(1024), 8192)), constant((1, 2))], made=lambda: options("StridedSlice"))
    add("STRIDED_SLICE/reverse", "STRIDED_SLICE", lambda: [floats(many(1024), 4096), constant((0, -1)), constant((many(1024), -5000)), constant((1, -1))], made=lambda: options("StridedSlice"))
    add("TILE/rows", "TILE", lambda: [floats(many(512), 1024), constant((8, 1))], made=lambda: options("Tile"))
    add("TILE/columns", "TILE", lambda: [floats(many(4096), 256), constant((1, 4))], made=lambda: options("Tile"))
    add("TILE/element", "TILE", lambda: [floats(large() // 64, 1), constant((1, 64))], made=lambda: options("Tile"))
    add("BROADCAST_TO", "BROADCAST_TO", lambda: [floats(many(64), 1, 256), constant((many(64), 256, 256))], version=2)
    for axis in (0, 1):
        add(f"REVERSE_V2/{axis}", "REVERSE_V2", lambda axis=axis: [floats(many(1024), 4096), constant([axis])], made=lambda: options("ReverseV2"))
    add("REVERSE_V2/narrow", "REVERSE_V2", lambda: [floats(large() // 4, 4), constant([1])], made=lambda: options("ReverseV2"))
    for depth in (16, 1024):
        add(f"ONE_HOT/{depth}", "ONE_HOT", lambda depth=depth: [ints(large() // depth, high=depth), constant(depth), constant(1, "float32"), constant(0, "float32")],
            made=lambda: options("OneHot", axis=-1))
    add("WHERE", "WHERE", lambda: [bools(many(1024), 1024)], ("int64",), lambda: options("Where"))
    add("WHERE/sparse", "WHERE", lambda: [floats(many(1024), 4096) > 3.96], ("int64",), lambda: options("Where"))
    for block, channels, batch in ((2, 32, 2), (4, 3, 16)):
        side = 256 // block
        add(f"SPACE_TO_DEPTH/{block}", "SPACE_TO_DEPTH", lambda channels=channels, batch=batch: [floats(many(batch), 256, 256, channels)], made=lambda block=block: options("SpaceToDepth", blockSize=block))
        add(f"DEPTH_TO_SPACE/{block}", "DEPTH_TO_SPACE", lambda block=block, side=side, channels=channels, batch=batch: [floats(many(batch), side, side, channels * block * block)],
            made=lambda block=block: options("DepthToSpace", blockSize=block))
    add("SPACE_TO_BATCH_ND", "SPACE_TO_BATCH_ND", lambda: [floats(many(2), 128, 128, 128), constant((2, 2)), constant([[0, 0], [0, 0]])], made=lambda: options("SpaceToBatchND"))
    add("BATCH_TO_SPACE_ND", "BATCH_TO_SPACE_ND", lambda: [floats(many(8), 64, 64, 128), constant((2, 2)), constant([[0, 0], [0, 0]])], made=lambda: options("BatchToSpaceND"))


def add_images():
    for channels in (3, 64):
        side = 1024 // (16 if channels == 64 else 4)
        for name, size in (("up", 2 * side), ("down", side // 2), ("odd", side * 3 // 2 + 1)):
            for op, kind in (("RESIZE_BILINEAR", "ResizeBilinear"), ("RESIZE_NEAREST_NEIGHBOR", "ResizeNearestNeighbor")):
                add(f"{op}/{channels}-{name}", op, lambda channels=channels, side=side, size=size: [floats(many(16), side, side, channels), constant((size, size))],
                    made=lambda kind=kind: options(kind, halfPixelCenters=True), version=3)
    for name, window, stride in (("2x2", 2, 2), ("3x3", 3, 2), ("3x3-dense", 3, 1)):
        for op in ("MAX_POOL_2D", "AVERAGE_POOL_2D"):
            add(f"{op}/{name}", op, lambda: [floats(many(4), 128, 128, 64)],
                made=lambda window=window, stride=stride: options("Pool2D", padding=schema.Padding.SAME, strideH=stride, strideW=stride, filterHeight=window, filterWidth=window))


def add_products():
    for batch, m, k, n, adj in ((12, 128, 64, 128, True), (12, 128, 128, 64, False), (12, 512, 64, 512, True), (12, 512, 512, 64, False), (1, 512, 768, 768, False)):
        shapes = (batch, m, k), (batch, n, k) if adj else (batch, k, n)
        add(f"BATCH_MATMUL/{batch}x{m}x{k}x{n}{'t' if adj else ''}", "BATCH_MATMUL", lambda shapes=shapes: [floats(*s, low=-1, high=1) for s in shapes],
            made=lambda adj=adj: options("BatchMatMul", adjY=adj), flops=2.0 * batch * m * k * n)
    for m, k, n in ((1, 768, 768), (1, 768, 3072), (128, 768, 768), (128, 768, 3072), (128, 3072, 768), (512, 512, 512)):
        add(f"FULLY_CONNECTED/{m}x{k}x{n}", "FULLY_CONNECTED", lambda m=m, k=k, n=n: [floats(m, k, low=-1, high=1), (floats(n, k, low=-1, high=1), True), (floats(n), True)],
            made=lambda: options("FullyConnected"), flops=2.0 * m * k * n if m > 1 else 0)


for family in (add_unary, add_binary, add_cast, add_quantise, add_reductions, add_transposes, add_movers, add_images, add_products):
    family()
