#!/usr/bin/env python3
"""Speed of quantised operators: files of one int8 operator, tflower's runtime against LiteRT + XNNPACK, and against its own float32 kernel of the
same shapes.

    quant_bench.py [PATTERN...] [--threads 1] [--rounds 3] [--runs 50] [--json FILE]

Samples of the three alternate (A B C A B C), each from a process of its own; a figure is the least latency of all samples, in microseconds. Ratios
below 1 mean that the int8 kernel is faster.
"""

import argparse
import fnmatch
import json
import os
import sys
import tempfile

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from ai_edge_litert import schema_py_generated as schema  # noqa: E402
from support import one_op  # noqa: E402

from latency_bench import litert_once, tflower_once  # noqa: E402

RNG = np.random.default_rng(5)
SAME = schema.Padding.SAME


def options(kind, **members):
    made = getattr(schema, kind + "OptionsT")()
    for name, value in members.items():
        setattr(made, name, value)
    return made


def conv(image, kernel, channels, stride=1):
    n, h, w, c = image
    made = options("Conv2D", padding=SAME, strideH=stride, strideW=stride, dilationHFactor=1, dilationWFactor=1)
    return "CONV_2D", made, (3, 1), [image, (channels, kernel, kernel, c), (channels,)], (n, h // stride, w // stride, channels)


def depthwise(image, kernel, stride=1):
    n, h, w, c = image
    made = options("DepthwiseConv2D", padding=SAME, strideH=stride, strideW=stride, dilationHFactor=1, dilationWFactor=1, depthMultiplier=1)
    return "DEPTHWISE_CONV_2D", made, (3, 1), [image, (1, kernel, kernel, c), (c,)], (n, h // stride, w // stride, c)


def pool(name, image, window, stride):
    n, h, w, c = image
    made = options("Pool2D", padding=SAME, strideH=stride, strideW=stride, filterHeight=window, filterWidth=window)
    return name, made, (2, 1), [image], (n, h // stride, w // stride, c)


def same(name, made, versions, *shapes):
    return name, made, versions, list(shapes), shapes[0]


def reduced(name, shape, axes):
    kept = tuple(1 if i in axes else s for i, s in enumerate(shape))
    return name, options("Reducer", keepDims=True), (2, 1), [shape, np.array(axes, "int32")], kept


PIXELS, TOKENS = (1, 56, 56, 96), (8, 128, 256)
# name: (operator, options, versions for int8 and float32, shapes of its operands (arrays are taken as they are), shape of the result)
CASES = {
    "conv1x1": conv((1, 56, 56, 64), 1, 128),
    "conv1x1_wide": conv((1, 7, 7, 960), 1, 160),
    "conv3x3": conv((1, 28, 28, 128), 3, 128),
    "conv_stem": conv((1, 224, 224, 3), 3, 32, 2),
    "depthwise3x3": depthwise(PIXELS, 3),
    "depthwise3x3_strided": depthwise((1, 112, 112, 96), 3, 2),
    "depthwise5x5": depthwise((1, 14, 14, 480), 5),
    "fully_connected": ("FULLY_CONNECTED", options("FullyConnected"), (4, 1), [(1, 1024), (1000, 1024), (1000,)], (1, 1000)),
    "fully_connected_rows": ("FULLY_CONNECTED", options("FullyConnected"), (4, 1), [(128, 256), (1024, 256), (1024,)], (128, 1024)),
    "batch_matmul": ("BATCH_MATMUL", options("BatchMatMul", adjY=True), (2, 1), [(8, 128, 64), (8, 128, 64)], (8, 128, 128)),
    "softmax": same("SOFTMAX", options("Softmax", beta=1.0), (2, 1), (8, 128, 128)),
    "log_softmax": same("LOG_SOFTMAX", options("LogSoftmax"), (2, 1), (8, 1000)),
    "add": same("ADD", options("Add"), (2, 1), PIXELS, PIXELS),
    "add_channels": same("ADD", options("Add"), (2, 1), PIXELS, (96,)),
    "sub": same("SUB", options("Sub"), (2, 1), TOKENS, (8, 128, 1)),
    "mul": same("MUL", options("Mul"), (2, 1), TOKENS, (256,)),
    "mul_gate": same("MUL", options("Mul"), (2, 1), PIXELS, (1, 1, 1, 96)),
    "squared_difference": same("SQUARED_DIFFERENCE", options("SquaredDifference"), (2, 1), TOKENS, (8, 128, 1)),
    "maximum": same("MAXIMUM", options("MaximumMinimum"), (2, 1), TOKENS, TOKENS),
    "less": ("LESS", options("Less"), (2, 1), [TOKENS, TOKENS], TOKENS),
    "rsqrt": same("RSQRT", None, (2, 1), TOKENS),
    "logistic": same("LOGISTIC", None, (2, 1), PIXELS),
    "tanh": same("TANH", None, (2, 1), PIXELS),
    "hard_swish": same("HARD_SWISH", options("HardSwish"), (1, 1), PIXELS),
    "mean_features": reduced("MEAN", TOKENS, (2,)),
    "mean_pixels": reduced("MEAN", (1, 7, 7, 1280), (1, 2)),
    "sum_features": reduced("SUM", TOKENS, (2,)),
    "max_pool": pool("MAX_POOL_2D", (1, 112, 112, 64), 3, 2),
    "average_pool": pool("AVERAGE_POOL_2D", (1, 28, 28, 192), 3, 1),
    "resize_bilinear": ("RESIZE_BILINEAR", options("ResizeBilinear", halfPixelCenters=True), (2, 3), [(1, 28, 28, 64), np.array([56, 56], "int32")], (1, 56, 56, 64)),
    "concatenation": ("CONCATENATION", options("Concatenation", axis=3), (2, 1), [PIXELS, PIXELS], (1, 56, 56, 192)),
    "pad": ("PAD", options("Pad"), (2, 1), [PIXELS, np.array([[0, 0], [1, 1], [1, 1], [0, 0]], "int32")], (1, 58, 58, 96)),
    "transpose": ("TRANSPOSE", options("Transpose"), (2, 1), [(8, 128, 256), np.array([0, 2, 1], "int32")], (8, 256, 128)),
    "quantize": ("QUANTIZE", options("Quantize"), (1, None), [PIXELS], PIXELS),
    "dequantize": ("DEQUANTIZE", options("Dequantize"), (2, None), [PIXELS], PIXELS),
}
LAYERS = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED")
FIXED = {"SOFTMAX": (1 / 256, -128), "LOG_SOFTMAX": (16 / 256, 127), "LOGISTIC": (1 / 256, -128), "TANH": (1 / 128, 0)}
MOVES = ("MAX_POOL_2D", "AVERAGE_POOL_2D", "RESIZE_BILINEAR", "CONCATENATION", "PAD", "TRANSPOSE", "MAXIMUM")


def stored(shape):
    return RNG.integers(-128, 127, shape, endpoint=True).astype("int8")


def int8_file(op, made, versions, shapes, result):
    """(the file's bytes, its activations by tensor)"""
    operands, quantization, layer = [], {}, op in LAYERS
    for i, shape in enumerate(shapes):
        if isinstance(shape, np.ndarray):
            operands.append((shape, True))
        elif layer and i == 2:
            operands.append((RNG.integers(-2000, 2000, shape).astype("int32"), True))
            quantization[i] = [0.0005] * shape[0], [0] * shape[0], 0
        elif layer and i == 1:
            axis = 3 if op == "DEPTHWISE_CONV_2D" else 0
            operands.append((stored(shape), True))
            quantization[i] = [0.01] * shape[axis], [0] * shape[axis], axis
        else:
            real = op == "QUANTIZE"
            operands.append((RNG.normal(0, 1, shape).astype("float32") if real else stored(shape), False))
            if not real:
                quantization[i] = [0.05 if op in MOVES else 0.0497 if i == 0 else 0.0312], [-128 if op == "RSQRT" else 3], 0
    scale, zero = FIXED.get(op, (0.05, 3) if op in MOVES else (0.1013, -4))
    kind = "bool" if op == "LESS" else "float32" if op == "DEQUANTIZE" else "int8"
    if kind == "int8":
        quantization[len(shapes)] = [scale], [zero], 0
    return one_op.build(op, made, operands, np.zeros(result, kind), versions[0], quantization), operands


def float_file(op, made, versions, shapes, result):
    operands = []
    for i, shape in enumerate(shapes):
        whole = isinstance(shape, np.ndarray)
        array = shape if whole else RNG.normal(0, 1, shape).astype("float32")
        operands.append((np.abs(array) + 0.1 if op == "RSQRT" else array, whole or (op in LAYERS and i > 0)))
    return one_op.build(op, made, operands, np.zeros(result, "bool" if op == "LESS" else "float32"), versions[1]), operands


def write(path, content, operands):
    with open(f"{path}.tflite", "wb") as file:
        file.write(content)
    np.savez(f"{path}.npz", **{f"operand{i}": array for i, (array, constant) in enumerate(operands) if not constant})
    return f"{path}.tflite", f"{path}.npz"


def measure(name, arguments, folder):
    """{"int8", "litert", "float"} in microseconds; "float" is absent where there is no such operator."""
    sides = {"int8": (tflower_once, write(f"{folder}/{name}_int8", *int8_file(*CASES[name])))}
    sides["litert"] = (litert_once, sides["int8"][1])
    if CASES[name][2][1] is not None:
        sides["float"] = (tflower_once, write(f"{folder}/{name}_float", *float_file(*CASES[name])))
    least = dict.fromkeys(sides, float("inf"))
    for _ in range(arguments.rounds):
        for side, (once, (model, inputs)) in sides.items():
            least[side] = min(least[side], once(model, inputs, arguments.threads, arguments)["latency_ms"]["min"] * 1e3)
    return least


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("patterns", nargs="*", metavar="PATTERN")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--warmup", type=int, default=5)
    parser.add_argument("--json", metavar="FILE")
    arguments = parser.parse_args()
    results = {}
    print(f"{'case':22} {'int8 us':>10} {'LiteRT us':>10} {'float us':>10} {'to LiteRT':>10} {'to float':>9}")
    with tempfile.TemporaryDirectory() as folder:
        for name in CASES:
            if not any(fnmatch.fnmatch(name, p) for p in arguments.patterns or ["*"]):
                continue
            r = results[name] = measure(name, arguments, folder)
            own = f"{r['float']:10.1f}" if "float" in r else f"{'-':>10}"
            ratio = f"{r['int8'] / r['float']:9.2f}" if "float" in r else ""
            print(f"{name:22} {r['int8']:10.1f} {r['litert']:10.1f} {own} {r['int8'] / r['litert']:10.2f} {ratio}", flush=True)
    if arguments.json:
        with open(arguments.json, "w") as file:
            json.dump(results, file)
    return 0


if __name__ == "__main__":
    sys.exit(main())
