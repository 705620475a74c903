"""Convolutions, pooling, products, resizing, and what detectors and audio models use."""

import flatbuffers.flexbuffers as flexbuffers
import numpy as np

from . import of
from .random_parts import FUSED, PADDING, Case, options


def window(r, dilation=False, fused=True):
    made = {"strideH": r.number(1, 3), "strideW": r.number(1, 3), "padding": r.pick(PADDING)}
    if fused:
        made["fusedActivationFunction"] = r.pick(FUSED)
    if dilation:
        made |= {"dilationHFactor": r.pick((1, 1, 2)), "dilationWFactor": r.pick((1, 1, 3))}
    return made


def image(r, channels, least=1):
    return [r.number(1, 2), r.number(least, 9), r.number(least, 9), channels]


def biased(r, operands, count):
    return operands + ([(r.values("float32", [count]), True)] if r.chance(0.7) else [])


@of("CONV_2D")
def conv(r, op):
    groups, depth, wide = r.pick((1, 1, 1, 2)), r.number(1, 5), r.number(1, 6)
    x, w = r.values("float32", image(r, groups * depth, 5)), r.values("float32", [groups * wide, r.number(1, 3), r.number(1, 3), depth], -1, 1)
    return Case(biased(r, [(x, False), (w, True)], groups * wide), ["float32"], options("Conv2D", **window(r, True)))


@of("DEPTHWISE_CONV_2D")
def depthwise(r, op):
    depth, multiplier = r.number(1, 6), r.number(1, 3)
    x, w = r.values("float32", image(r, depth, 5)), r.values("float32", [1, r.number(1, 3), r.number(1, 3), depth * multiplier], -1, 1)
    return Case(biased(r, [(x, False), (w, True)], depth * multiplier), ["float32"], options("DepthwiseConv2D", **window(r, True), depthMultiplier=multiplier))


@of("TRANSPOSE_CONV")
def transpose_conv(r, op):
    made, (h, w), (n, y, x, depth) = window(r, fused=False), (r.number(1, 4), r.number(1, 4)), image(r, r.number(1, 4))
    grow = lambda size, stride, kernel: size * stride if made["padding"] == PADDING[0] else (size - 1) * stride + max(kernel, 1)
    wide = r.number(1, 5)
    shape = [n, grow(y, made["strideH"], h), grow(x, made["strideW"], w), wide]
    operands = [(np.array(shape, "int32"), True), (r.values("float32", [wide, h, w, depth], -1, 1), True), (r.values("float32", [n, y, x, depth]), False)]
    return Case(biased(r, operands, wide), ["float32"], options("TransposeConv", **made))


@of("CONV_3D")
def conv3d(r, op):
    depth, wide = r.number(1, 3), r.number(1, 4)
    x, w = r.values("float32", [r.number(1, 2), *(r.number(3, 6) for _ in range(3)), depth]), r.values("float32", [*(r.number(1, 3) for _ in range(3)), depth, wide], -1, 1)
    made = options("Conv3D", **window(r, True), strideD=r.number(1, 2), dilationDFactor=1)
    return Case(biased(r, [(x, False), (w, r.constant())], wide), ["float32"], made)


@of("FULLY_CONNECTED")
def dense(r, op):
    shape, units = r.shape(1, 4, empty=0.01), r.number(1, 9)
    shape[-1] = max(shape[-1], 1)
    operands = [(r.values("float32", shape), False), (r.values("float32", [units, shape[-1]], -1, 1), r.constant(0.8))]
    return Case(biased(r, operands, units), ["float32"], options("FullyConnected", fusedActivationFunction=r.pick(FUSED), keepNumDims=r.chance(0.5)))


@of("BATCH_MATMUL")
def batch_matmul(r, op):
    batch = r.shape(0, 3, empty=0.02, most=3)
    m, k, n = (r.number(1, 7) for _ in range(3))
    adj = [r.chance(0.4), r.chance(0.4)]
    left, right = (r.broadcast_to(batch) for _ in range(2))
    x = r.values("float32", left + ([k, m] if adj[0] else [m, k]))
    y = r.values("float32", right + ([n, k] if adj[1] else [k, n]))
    return Case([(x, False), (y, r.constant())], ["float32"], options("BatchMatMul", adjX=adj[0], adjY=adj[1]))


@of("AVERAGE_POOL_2D", "MAX_POOL_2D", "L2_POOL_2D")
def pool(r, op):
    return Case([(r.values("float32", image(r, r.number(1, 5), 4)), False)], ["float32"], options("Pool2D", **window(r), filterHeight=r.number(1, 4), filterWidth=r.number(1, 4)))


@of("RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR")
def resize(r, op):
    corners = r.chance(0.3)
    made = options("ResizeBilinear" if op == "RESIZE_BILINEAR" else "ResizeNearestNeighbor", alignCorners=corners, halfPixelCenters=not corners and r.chance(0.6))
    dtype = "float32" if op == "RESIZE_BILINEAR" else r.pick(("float32", "uint8", "int8", "int16"))
    return Case([(r.values(dtype, image(r, r.number(1, 4))), False), r.amounts([r.number(1, 12), r.number(1, 12)])], [dtype], made)


@of("RFFT2D")
def rfft2d(r, op):
    sizes = [2 ** r.number(0, 4), 2 ** r.number(1, 4)]
    shape = r.shape(0, 2, empty=0) + [sizes[0] + r.number(-1, 2) * (sizes[0] > 1), sizes[1] + r.number(-1, 2)]
    return Case([(r.values("float32", shape), False), r.amounts(sizes)], ["complex64"], options("Rfft2d"))


@of("NON_MAX_SUPPRESSION_V4", "NON_MAX_SUPPRESSION_V5")
def nms(r, op):
    count = r.number(1, 12)
    corner, size = r.rng.uniform(0, 5, (count, 2)), r.rng.uniform(0.5, 4, (count, 2))
    boxes = np.concatenate([corner, corner + size], -1).astype("float32")
    scalars = [np.array(v, t) for v, t in ((r.number(1, 8), "int32"), (r.rng.uniform(0.1, 0.9), "float32"), (r.rng.uniform(0, 0.4), "float32"))]
    last = [np.array(r.pick((0.0, 0.5)), "float32")] if op.endswith("5") else []
    operands = [(boxes, False), (r.rng.uniform(0, 1, count).astype("float32"), False), *((s, r.constant()) for s in scalars + last)]
    return Case(operands, ["int32", "float32", "int32"] if last else ["int32", "int32"], options("NonMaxSuppressionV5" if last else "NonMaxSuppressionV4"))


@of("TFLite_Detection_PostProcess")
def detection(r, op):
    count, classes, background = r.number(2, 12), r.number(1, 4), r.number(0, 1)
    regular = r.chance(0.5)
    anchors = np.concatenate([r.rng.uniform(0, 1, (count, 2)), r.rng.uniform(0.2, 0.6, (count, 2))], -1).astype("float32")
    members = {"max_detections": r.number(1, 6), "max_classes_per_detection": 1 if regular else r.number(1, classes), "num_classes": classes, "nms_score_threshold": r.pick((0.0, 0.3)),
               "nms_iou_threshold": r.pick((0.3, 0.6)), "y_scale": 10.0, "x_scale": 10.0, "h_scale": 5.0, "w_scale": 5.0, "use_regular_nms": regular}
    if r.chance(0.3):
        members["detections_per_class"] = r.number(1, 4)
    quantised = r.pick(((), (), (0, 2), (0, 1, 2), (1,)))  # beside bytes of boxes LiteRT takes anchors for bytes, too
    operands = [(r.values("float32", [1, count, 4], -4, 4), False), (r.rng.uniform(0, 1, (1, count, classes + background)).astype("float32"), False), (anchors, r.constant())]
    quantization = {}
    for i, (scale, zero) in enumerate(((8 / 255, 128), (1 / 256, 0), (1 / 200, 0))):
        if i in quantised:
            operands[i] = np.clip(np.round(operands[i][0] / scale) + zero, 0, 255).astype("uint8"), operands[i][1]
            quantization[i] = ([scale], [zero], 0)
    return Case(operands, ["float32"] * 4, quantization=quantization, custom=(op, flexbuffers.Dumps(members)))
