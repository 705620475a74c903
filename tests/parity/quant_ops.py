"""Files of one quantised operator, for types and forms that TFLiteConverter does not write (any more): uint8, weights with a zero point, int4
weights, scales for each channel of QUANTIZE and DEQUANTIZE, functions that it leaves in float. Cases of quant_parity.py.
"""

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from support import one_op

RNG = np.random.default_rng(11)
ACTIVATION = schema.ActivationFunctionType
IMAGE, ROWS = (1, 7, 6, 4), (5, 16)


def options(kind, **members):
    made = getattr(schema, kind + "OptionsT")()
    for name, value in members.items():
        setattr(made, name, value)
    return made


def stored(dtype, shape):
    info = np.iinfo(dtype)
    return RNG.integers(info.min, info.max, shape, endpoint=True).astype(dtype)


def affine(dtype, scale, zero=None):
    """(scales, zero points, axis) of a tensor; zero: distance from the middle of the type's range."""
    middle = 128 if dtype == "uint8" else 0
    return [scale], [0 if dtype == "int16" else middle + (zero or 0)], 0


def file_of(name, dtype, shapes, scales, output, out_scale, made=None, version=1, out_type=None, constants=(), zeros=(3, -5, 9), out_zero=-4):
    """Activations of one type: operands with these scales; arrays among `shapes` are taken as they are, without quantisation."""
    operands, quantization = [], {}
    for i, shape in enumerate(shapes):
        whole = isinstance(shape, np.ndarray)
        operands.append((shape if whole else stored(dtype, shape), whole or i in constants))
        if not whole:
            quantization[i] = affine(dtype, scales[i], zeros[i])
    out_type = out_type or dtype
    if out_scale is not None:
        quantization[len(shapes)] = affine(out_type, out_scale, out_zero)
    return lambda: one_op.build(name, made, operands, np.zeros(output, out_type), version, quantization)


def layer(name, dtype, weights_type, shapes, output, made, version, axis=None, activation=0.05, weight=0.01, out=0.2, bias_type="int32"):
    """x, weights, bias; axis: of the weights, with a scale for each channel."""
    x_shape, w_shape, channels = shapes
    x, w, bias = stored(dtype, x_shape), stored("uint8" if weights_type == "uint8" else "int8", w_shape), RNG.integers(-2000, 2000, channels).astype(bias_type)
    scales = [weight] if axis is None else list(RNG.uniform(0.5, 1.5, channels) * weight)
    zero = 120 if weights_type == "uint8" else 0
    order = (2, 1, 0) if name == "TRANSPOSE_CONV" else (0, 1)
    quantization = {order[0]: affine(dtype, activation, 7), order[1]: (scales, [zero] * len(scales), axis or 0)}
    operands = [(x, False), (w, True), (bias, True)]
    if name == "TRANSPOSE_CONV":
        operands = [(np.array(output, "int32"), True), (w, True), (x, False), (bias, True)]
    bias_at = len(operands) - 1
    quantization |= {bias_at: ([activation * s for s in scales], [0] * len(scales), 0), bias_at + 1: affine(dtype, out, -3)}

    def make():
        content = one_op.build(name, made, operands, np.zeros(output, dtype), version, quantization)
        return content if weights_type != "int4" else as_int4(content, order[1])
    return make


def as_int4(content, tensor):
    """The file with that constant int8 tensor's values in 4 bits, two to a byte."""
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(content, 0))
    to = model.subgraphs[0].tensors[tensor]
    values = (np.array(model.buffers[to.buffer].data, "uint8").view("int8") >> 4).astype("uint8") & 15
    if len(values) % 2:
        values = np.append(values, 0)
    to.type, model.buffers[to.buffer].data = schema.TensorType.INT4, list((values[::2] | values[1::2] << 4).tolist())
    builder = one_op.flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


WINDOW = {"strideH": 1, "strideW": 1, "padding": schema.Padding.SAME}
CONV = options("Conv2D", **WINDOW, dilationHFactor=1, dilationWFactor=1, fusedActivationFunction=ACTIVATION.RELU6)
DEPTH = options("DepthwiseConv2D", **WINDOW, dilationHFactor=1, dilationWFactor=1, depthMultiplier=2)
UP = options("TransposeConv", strideH=2, strideW=2, padding=schema.Padding.SAME)
POOL = options("Pool2D", **WINDOW, filterHeight=3, filterWidth=2, fusedActivationFunction=ACTIVATION.RELU)
KEEP = options("Reducer", keepDims=False)
CONV_SHAPES, DEPTH_SHAPES, DENSE_SHAPES, UP_SHAPES = (IMAGE, (5, 3, 3, 4), 5), (IMAGE, (1, 3, 3, 8), 8), (ROWS, (6, 16), 6), (IMAGE, (5, 3, 3, 4), 5)


def layers():
    full = options("FullyConnected")
    out = {}
    for label, weights_type, axis, version in (("uint8", "uint8", None, (1, 1, 1, 1)), ("int4", "int4", 0, (7, 7, 10, None)), ("int8", "int8", 0, (3, 3, 4, 2))):
        dtype = "uint8" if label == "uint8" else "int8"
        weight = 0.16 if label == "int4" else 0.01
        depth_axis = None if axis is None else 3
        out[f"conv/{label}"] = layer("CONV_2D", dtype, weights_type, CONV_SHAPES, (1, 7, 6, 5), CONV, version[0], axis, weight=weight)
        out[f"depthwise/{label}"] = layer("DEPTHWISE_CONV_2D", dtype, weights_type, DEPTH_SHAPES, (1, 7, 6, 8), DEPTH, version[1], depth_axis, weight=weight)
        out[f"dense/{label}"] = layer("FULLY_CONNECTED", dtype, weights_type, DENSE_SHAPES, (5, 6), full, version[2], None, weight=weight)
        if version[3]:
            out[f"transpose_conv/{label}"] = layer("TRANSPOSE_CONV", dtype, weights_type, UP_SHAPES, (1, 14, 12, 5), UP, version[3] if label == "int8" else 3, axis, weight=weight)
    out["conv/int16_int32_bias"] = layer("CONV_2D", "int16", "int8", CONV_SHAPES, (1, 7, 6, 5), options(
        "Conv2D", **WINDOW, dilationHFactor=1, dilationWFactor=1, quantizedBiasType=schema.TensorType.INT32), 8, 0, activation=0.0002, out=0.0008)
    out["dense/int16_int64_bias"] = layer("FULLY_CONNECTED", "int16", "int8", DENSE_SHAPES, (5, 6), full, 7, None, activation=0.0002, out=0.0008, bias_type="int64")
    return out


def elementwise():
    out = {}
    for dtype, versions in (("uint8", (1, 1)), ("int8", (2, 2))):
        v = versions[0]
        pairs = {"ADD": options("Add", fusedActivationFunction=ACTIVATION.RELU6), "SUB": options("Sub"), "MUL": options("Mul", fusedActivationFunction=ACTIVATION.RELU_N1_TO_1)}
        for name, made in pairs.items():
            out[f"{name.lower()}/{dtype}"] = file_of(name, dtype, [IMAGE, (6, 4)], [0.05, 0.031], IMAGE, 0.06, made, v)
        for name in ("LESS", "LESS_EQUAL", "GREATER", "GREATER_EQUAL", "EQUAL", "NOT_EQUAL"):
            kind = "".join(part.capitalize() for part in name.split("_"))
            out[f"{name.lower()}/{dtype}"] = file_of(name, dtype, [IMAGE, IMAGE], [0.05, 0.031], IMAGE, None, options(kind), v, "bool")
        out[f"prelu/{dtype}"] = file_of("PRELU", dtype, [IMAGE, (1, 1, 4)], [0.05, 0.004], IMAGE, 0.04, None, 1, constants=(1,))
        for name in ("RELU", "RELU6", "RELU_N1_TO_1"):
            version = 1 if name == "RELU_N1_TO_1" else v
            out[f"{name.lower()}/{dtype}"] = file_of(name, dtype, [IMAGE], [0.07], IMAGE, 0.05, None, version)
        out[f"hard_swish/{dtype}"] = file_of("HARD_SWISH", dtype, [IMAGE], [0.05], IMAGE, 0.03, options("HardSwish"))
        out[f"leaky_relu/{dtype}"] = file_of("LEAKY_RELU", dtype, [IMAGE], [0.05], IMAGE, 0.04, options("LeakyRelu", alpha=0.3), v)
        out[f"gelu/{dtype}"] = file_of("GELU", dtype, [IMAGE], [0.03], IMAGE, 0.03, options("Gelu", approximate=dtype == "int8"), 2)
        out[f"logistic/{dtype}"] = file_of("LOGISTIC", dtype, [IMAGE], [0.05], IMAGE, 1 / 256, None, v, out_zero=-128)
        out[f"tanh/{dtype}"] = file_of("TANH", dtype, [IMAGE], [0.02], IMAGE, 1 / 128, None, v, out_zero=0)
        out[f"softmax/{dtype}"] = file_of("SOFTMAX", dtype, [ROWS], [0.03], ROWS, 1 / 256, options("Softmax", beta=0.7), v, out_zero=-128)
        out[f"log_softmax/{dtype}"] = file_of("LOG_SOFTMAX", dtype, [ROWS], [0.03], ROWS, 16 / 256, options("LogSoftmax"), v, out_zero=127)
        out[f"l2_normalization/{dtype}"] = file_of("L2_NORMALIZATION", dtype, [ROWS], [0.03], ROWS, 1 / 128, options("L2Norm"), v, out_zero=0)
    out["relu_0_to_1/int8"] = file_of("RELU_0_TO_1", "int8", [IMAGE], [0.02], IMAGE, 0.005, None)
    out["elu/int8"] = file_of("ELU", "int8", [IMAGE], [0.03], IMAGE, 0.03, None)
    out["log/int8"] = file_of("LOG", "int8", [IMAGE], [0.03], IMAGE, 0.03, None, 2, zeros=(-128,))
    out["sqrt/int8"] = file_of("SQRT", "int8", [IMAGE], [0.02], IMAGE, 0.01, None, 2, zeros=(-128,))
    out["exp/int16"] = file_of("EXP", "int16", [IMAGE], [0.0001], IMAGE, 0.001, options("Exp"), 2)
    out["abs/int16"] = file_of("ABS", "int16", [IMAGE], [0.0001], IMAGE, 0.00007, options("Abs"), 3)
    return out


def others():
    axes = np.array([1, 2], "int32")
    out = {}
    for dtype, v in (("uint8", 1), ("int8", 2)):
        same = {"zeros": (3,), "out_zero": 3}
        out[f"average_pool/{dtype}"] = file_of("AVERAGE_POOL_2D", dtype, [IMAGE], [0.05], IMAGE, 0.05, POOL, v, **same)
        out[f"max_pool/{dtype}"] = file_of("MAX_POOL_2D", dtype, [IMAGE], [0.05], IMAGE, 0.05, POOL, v, **same)
        out[f"mean/{dtype}"] = file_of("MEAN", dtype, [IMAGE, axes], [0.05], (1, 4), 0.03, KEEP, v)
        out[f"sum/{dtype}"] = file_of("SUM", dtype, [IMAGE, axes], [0.05], (1, 4), 0.9, KEEP, v)
        out[f"resize_bilinear/{dtype}"] = file_of("RESIZE_BILINEAR", dtype, [IMAGE, np.array([5, 11], "int32")], [0.05], (1, 5, 11, 4), 0.05, options("ResizeBilinear"), v, **same)
    for dtype in ("int8", "int16"):
        out[f"reduce_prod/{dtype}"] = file_of("REDUCE_PROD", dtype, [IMAGE, axes[:1]], [1.2 / np.iinfo(dtype).max], (1, 6, 4), 1 / np.iinfo(dtype).max, KEEP, 2, zeros=(0,), out_zero=0)
    out["concatenation/uint8"] = file_of("CONCATENATION", "uint8", [IMAGE, IMAGE], [0.05, 0.031], (1, 7, 6, 8), 0.06, options("Concatenation", axis=3))
    return out | conversions()


def conversions():
    out = {}
    for a, b in (("int8", "uint8"), ("uint8", "int8"), ("int16", "int8"), ("int8", "int16"), ("int8", "int8"), ("int16", "int16")):
        scale = {"int8": 0.05, "uint8": 0.04, "int16": 0.0003}
        out[f"quantize/{a}_{b}"] = file_of("QUANTIZE", a, [IMAGE], [scale[a]], IMAGE, scale[b] * 0.9, options("Quantize"), 2, b)
    channels = (list(RNG.uniform(0.01, 0.05, 4)), [0] * 4, 3)
    real = RNG.normal(0, 1, IMAGE).astype("float32")
    out["quantize/channels"] = lambda: one_op.build("QUANTIZE", options("Quantize"), [(real, False)], np.zeros(IMAGE, "int8"), 2, {1: channels})
    out["dequantize/channels"] = lambda: one_op.build("DEQUANTIZE", options("Dequantize"), [(stored("int8", IMAGE), False)], real, 5, {0: channels})
    for dtype in ("uint8", "int16"):
        out[f"dequantize/{dtype}"] = lambda dtype=dtype: one_op.build("DEQUANTIZE", options("Dequantize"), [(stored(dtype, IMAGE), False)], real, 3, {0: affine(dtype, 0.003, 9)})
    return out


def late():
    """PAD by amounts of the moment, then ADD: its kernel is chosen when its shape is known, past the one for plain integers."""
    quantization = {0: affine("int8", 0.05, 3), 2: affine("int8", 0.05, 3)}
    operands = [(stored("int8", (3, 4)), False), (np.ones((2, 2), "int32"), False)]
    content = one_op.build("PAD", options("Pad"), operands, np.zeros((5, 6), "int8"), 2, quantization)
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(content, 0))
    graph = model.subgraphs[0]
    second = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(one_op.build("ADD", options("Add"), [(np.zeros((5, 6), "int8"), False)], np.zeros((5, 6), "int8"), 2, {1: affine("int8", 0.09, -7)}), 0))
    result, add = second.subgraphs[0].tensors[1], second.subgraphs[0].operators[0]
    result.name, add.opcodeIndex, add.inputs, add.outputs = b"sum", 1, [2, 2], [3]
    graph.tensors.append(result)
    graph.operators.append(add)
    model.operatorCodes.append(second.operatorCodes[0])
    graph.outputs = [3]
    builder = one_op.flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def cases():
    return {"op/late": late} | {f"op/{name}": make for name, make in {**layers(), **elementwise(), **others()}.items()}
