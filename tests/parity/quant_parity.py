#!/usr/bin/env python3
"""Quantised models: small networks quantised by the live TFLiteConverter, run by LiteRT and by `tflower run`.

LiteRT runs its reference kernels (BUILTIN_REF), whose fixed-point arithmetic the runtime follows: XNNPACK and some of the optimised kernels
round in another place, and deep networks multiply such steps. Only SUM, which they get wrong by a hundred steps, and what they lack, is judged by the
optimised kernels. Integer results may differ by one step, and how many do is printed. Float results of float and hybrid models: 1e-4 of the largest
value; hybrid networks are not judged as a whole: 1e-7 in front of a layer may decide on a step of its int8 activations. Arguments: patterns
of case names. The last line is "N passed, N failed".
"""

import fnmatch
import os
import sys
import tempfile

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from ai_edge_litert.interpreter import Interpreter, OpResolverType  # noqa: E402
from support import generator, litert, tflower_cli  # noqa: E402

import quant_ops  # noqa: E402

RNG = np.random.default_rng(7)
INT8 = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
INT16 = [tf.lite.OpsSet.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8]


def normal(*shape, scale=1.0):
    return tf.constant(RNG.normal(0, scale, shape).astype("float32"))


IMAGE, ROWS = [1, 9, 8, 6], [5, 32]
W_CONV, W_DEPTH, W_UP, W_DENSE = normal(3, 3, 6, 10, scale=0.3), normal(3, 3, 6, 2, scale=0.3), normal(3, 3, 4, 6, scale=0.3), normal(32, 40, scale=0.2)
BIAS = normal(10)
nn = tf.nn

# name: (function, shapes of its inputs)
LAYERS = {
    "conv": (lambda x: nn.relu(nn.conv2d(x, W_CONV, 1, "SAME") + BIAS), [IMAGE]),
    "conv_strided": (lambda x: nn.relu6(nn.conv2d(x, W_CONV, 2, "VALID") + BIAS), [IMAGE]),
    "conv_dilated": (lambda x: nn.conv2d(x, W_CONV, 1, "SAME", dilations=2), [IMAGE]),
    "depthwise": (lambda x: nn.relu6(nn.depthwise_conv2d(x, W_DEPTH, [1, 1, 1, 1], "SAME") + tf.tile(BIAS[:6], [2])), [IMAGE]),
    "depthwise_strided": (lambda x: nn.depthwise_conv2d(x, W_DEPTH, [1, 2, 2, 1], "VALID"), [IMAGE]),
    "transpose_conv": (lambda x: nn.conv2d_transpose(x, W_UP, [1, 18, 16, 4], 2, "SAME") + BIAS[:4], [IMAGE]),
    "dense": (lambda x: nn.relu(tf.matmul(x, W_DENSE) + normal(40)), [ROWS]),
    "dense_no_bias": (lambda x: tf.matmul(x, W_DENSE), [ROWS]),
    "batch_matmul": (lambda x, y: tf.matmul(x, y), [[3, 7, 7], [3, 7, 7]]),
    "batch_matmul_adjoint": (lambda x, y: tf.matmul(x, y, transpose_b=True), [[3, 5, 7], [3, 5, 7]]),
    "average_pool": (lambda x: nn.avg_pool2d(x, 3, 2, "SAME"), [IMAGE]),
    "max_pool": (lambda x: nn.max_pool2d(x, 2, 2, "VALID"), [IMAGE]),
    "add": (lambda x, y: nn.relu(x + 0.3 * y), [IMAGE, IMAGE]),
    "add_broadcast": (lambda x, y: x + y, [IMAGE, [6]]),
    "sub": (lambda x, y: x - y, [IMAGE, [1, 1, 8, 6]]),
    "mul": (lambda x, y: x * y, [IMAGE, [1, 1, 1, 6]]),
    "mean_pixels": (lambda x: tf.reduce_mean(x, [1, 2], keepdims=True), [IMAGE]),
    "mean_channels": (lambda x: tf.reduce_mean(x, -1), [IMAGE]),
    "sum": (lambda x: tf.reduce_sum(x, [1, 3]), [IMAGE]),
    "max_min": (lambda x: tf.reduce_max(x, 1) + tf.reduce_min(x, 1), [IMAGE]),
    "logistic": (lambda x: tf.sigmoid(x * 3), [IMAGE]),
    "tanh": (lambda x: tf.tanh(x * 2), [IMAGE]),
    "softmax": (lambda x: nn.softmax(x * 3), [ROWS]),
    "leaky_relu": (lambda x: nn.leaky_relu(x, 0.2), [IMAGE]),
    "pad": (lambda x: tf.pad(x, [[0, 0], [1, 2], [0, 1], [0, 0]]), [IMAGE]),
    "concat": (lambda x, y: tf.concat([x, y * 2], -1), [IMAGE, IMAGE]),
    "maximum_minimum": (lambda x, y: tf.maximum(tf.minimum(x, 0.5), y), [IMAGE, IMAGE]),
    "resize_bilinear": (lambda x: tf.compat.v1.image.resize_bilinear(x, [13, 17], half_pixel_centers=True), [IMAGE]),
    "resize_corners": (lambda x: tf.compat.v1.image.resize_bilinear(x, [13, 17], align_corners=True), [IMAGE]),
    "resize_nearest": (lambda x: tf.compat.v1.image.resize_nearest_neighbor(x, [13, 17], half_pixel_centers=True), [IMAGE]),
    "movement": (lambda x: tf.transpose(tf.reshape(x, [9, 8, 6])[1:7:2, ::-1], [1, 0, 2]), [IMAGE]),
    "split_stack": (lambda x: tf.stack(tf.split(x, 2, -1), 1), [IMAGE]),
    "rsqrt": (lambda x: tf.math.rsqrt(tf.abs(x) + 0.5), [IMAGE]),
    "gather": (lambda x: tf.gather(x, [3, 1, 1], axis=1), [IMAGE]),
}
# The 16x8 quantiser does not know these.
INT8_ONLY = {
    "space_to_depth": (lambda x: nn.depth_to_space(nn.space_to_depth(x[:, :8], 4), 2), [IMAGE]),
    "argmax": (lambda x: tf.argmax(x, -1), [IMAGE]),
    "less": (lambda x, y: tf.where(x < y, x, y), [IMAGE, IMAGE]),
    "log_softmax": (lambda x: nn.log_softmax(x * 2), [ROWS]),
    "relu": (lambda x: nn.relu(tf.reshape(x, [9, 48])), [IMAGE]),
    "relu6": (lambda x: nn.relu6(tf.transpose(x, [0, 2, 1, 3]) * 3), [IMAGE]),
    "prelu": (lambda x: nn.relu(x) - 0.3 * nn.relu(-x), [IMAGE]),
    "hard_swish": (lambda x: x * 2 * nn.relu6(x * 2 + 3) / 6, [IMAGE]),
    "elu": (lambda x: nn.elu(x), [IMAGE]),
    "gelu": (lambda x: nn.gelu(x), [IMAGE]),
    "exp": (lambda x: tf.exp(x), [IMAGE]),
    "squared_difference": (lambda x, y: tf.math.squared_difference(x, y), [IMAGE, IMAGE]),
    "l2_normalize": (lambda x: tf.math.l2_normalize(x, -1, epsilon=1e-12), [ROWS]),
}
WIDE = normal(3, 3, 6, 24, scale=0.3)
DENSE_3D = normal(32, 48, scale=0.2)
DYNAMIC = {
    "conv": (lambda x: nn.relu6(nn.conv2d(x, WIDE, [1, 2], "SAME") + 0.5), [[2, 9, 8, 6]]),
    "depthwise": (lambda x: nn.relu(nn.depthwise_conv2d(x, normal(3, 3, 128, 1), [1, 1, 1, 1], "SAME")), [[2, 6, 5, 128]]),
    "dense": LAYERS["dense"],
    "dense_no_bias": LAYERS["dense_no_bias"],
    "dense_rank_3": (lambda x: tf.tensordot(x, DENSE_3D, 1), [[2, 3, 32]]),
    "batch_matmul": (lambda x: tf.matmul(x, normal(2, 32, 40)), [[2, 5, 32]]),
    "transpose_conv": (lambda x: nn.conv2d_transpose(x, normal(3, 3, 24, 6, scale=0.3), [1, 18, 16, 24], 2, "SAME"), [IMAGE]),
    "embedding": (lambda x: tf.gather(normal(64, 32), tf.cast(tf.abs(x), tf.int32)), [[5]]),
}
OPTIMISED = ("sum", "space_to_depth", "elu", "op/depthwise/int4")
FLOAT16 = ("conv", "depthwise", "dense")


def mobilenet():
    tf.keras.utils.set_random_seed(3)
    net = tf.keras.applications.MobileNetV2(input_shape=(96, 96, 3), alpha=0.35, weights=None, include_top=False)
    return lambda x: net(x, training=False), [[1, 96, 96, 3]]


def converter_of(function, shapes):
    traced = tf.function(function).get_concrete_function(*[tf.TensorSpec(s, tf.float32) for s in shapes])
    converter = tf.lite.TFLiteConverter.from_concrete_functions([traced], tf.Module())
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    return converter


def full(function, shapes, ops, kind):
    converter = converter_of(function, shapes)
    samples = [[RNG.normal(0, 1, s).astype("float32") for s in shapes] for _ in range(8)]
    converter.representative_dataset = lambda: iter(samples)
    converter.target_spec.supported_ops = ops
    converter.inference_input_type = converter.inference_output_type = kind
    return converter.convert()


def dynamic(function, shapes):
    return converter_of(function, shapes).convert()


def float16(function, shapes):
    converter = converter_of(function, shapes)
    converter.target_spec.supported_types = [tf.float16]
    return converter.convert()


def cases():
    """name -> function that makes the .tflite file's bytes"""
    both = {**LAYERS, **INT8_ONLY}
    out = {f"int8/{n}": (lambda c=c: full(*c, INT8, tf.int8)) for n, c in both.items()}
    out |= {f"int16/{n}": (lambda c=c: full(*c, INT16, tf.int16)) for n, c in LAYERS.items()}
    out |= {f"uint8_io/{n}": (lambda c=LAYERS[n]: full(*c, INT8, tf.uint8)) for n in ("conv", "dense")}
    out |= {f"float_io/{n}": (lambda c=LAYERS[n]: full(*c, INT8, tf.float32)) for n in ("conv", "softmax")}
    out |= {f"dynamic/{n}": (lambda c=c: dynamic(*c)) for n, c in DYNAMIC.items()}
    out |= {f"float16/{n}": (lambda c=LAYERS[n]: float16(*c)) for n in FLOAT16}
    out |= {"int8/mobilenet_v2": lambda: full(*mobilenet(), INT8, tf.int8), "float16/mobilenet_v2": lambda: float16(*mobilenet())}
    return out | quant_ops.cases()


def random_input(detail):
    shape, dtype = detail["shape"], detail["dtype"]
    if dtype == np.float32:
        return RNG.normal(0, 1, shape).astype("float32")
    if dtype == np.int32:  # amounts
        return RNG.integers(0, 3, shape).astype(dtype)
    info = np.iinfo(dtype)
    return RNG.integers(info.min, info.max, shape, endpoint=True).astype(dtype)


def references(path, resolver):
    """(input file's arrays, outputs of LiteRT's built-in kernels)"""
    interpreter = Interpreter(model_path=path, experimental_op_resolver_type=resolver)
    interpreter.allocate_tensors()
    feed = {}
    for detail in interpreter.get_input_details():
        array = random_input(detail)
        interpreter.set_tensor(detail["index"], array)
        feed[litert.plain_name(detail["name"])] = array
    interpreter.invoke()
    return feed, {litert.plain_name(d["name"]): np.array(interpreter.get_tensor(d["index"])) for d in interpreter.get_output_details()}


def differ(ours, theirs, counts):
    """None, or what is wrong. counts: [integers, of them different]"""
    if ours.shape != theirs.shape or ours.dtype != theirs.dtype:
        return f"{ours.dtype}{ours.shape} instead of {theirs.dtype}{theirs.shape}"
    if theirs.dtype == np.float32:
        error = np.abs(ours - theirs).max() / max(np.abs(theirs).max(), 1e-6)
        return None if error <= 1e-4 else f"relative error {error:.2e}"
    distance = np.abs(ours.astype("int64") - theirs.astype("int64"))
    counts[0] += distance.size
    counts[1] += np.count_nonzero(distance)
    return None if distance.max(initial=0) <= 1 else f"{np.count_nonzero(distance > 1)} of {distance.size} differ by up to {distance.max()} steps"


def judge(name, make, folder, counts):
    path = os.path.join(folder, name.replace("/", "_"))
    with open(f"{path}.tflite", "wb") as file:
        file.write(make())
    optimised = any(part in OPTIMISED for part in (name, name.split("/")[1]))
    feed, theirs = references(f"{path}.tflite", OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES if optimised else OpResolverType.BUILTIN_REF)
    np.savez(f"{path}.npz", **feed)
    result = tflower_cli.call("run", f"{path}.tflite", "--inputs", f"{path}.npz", "--outputs", f"{path}.out.npz")
    if result.error():
        return result.error()
    with np.load(f"{path}.out.npz") as arrays:
        ours = {litert.plain_name(key): arrays[key] for key in arrays}
    for key, value in theirs.items():
        mine = ours.get(key, next(iter(ours.values())) if len(ours) == len(theirs) == 1 else None)
        if mine is None:
            return f"no output {key} among {sorted(ours)}"
        if wrong := differ(mine, value, counts):
            return wrong
    return None


def main():
    patterns = sys.argv[1:] or ["*"]
    chosen = {n: make for n, make in cases().items() if any(fnmatch.fnmatch(n, p) for p in patterns)}
    if wrong := generator.unmatched(patterns, chosen):
        sys.exit("; ".join(wrong))
    failed, total = 0, [0, 0]
    with tempfile.TemporaryDirectory() as temporary:
        for name, make in chosen.items():
            counts = [0, 0]
            wrong = judge(name, make, temporary, counts)
            total = [total[0] + counts[0], total[1] + counts[1]]
            if counts[1]:
                print(f"{name}: {counts[1]} of {counts[0]} integers differ by one step", flush=True)
            if wrong:
                failed += 1
                print(f"failed {name}: {wrong}", flush=True)
    print(f"{total[1]} of {total[0]} integers differ")
    print(f"{len(chosen) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
