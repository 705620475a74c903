"""Small tf.Module models written as SavedModels: several signatures, op mixtures, and graphs nobody covers."""

import numpy as np
import tensorflow as tf

F32 = tf.float32
I32 = tf.int32


def random(*shape, scale=0.5, seed=3):
    return np.random.default_rng(seed + sum(shape)).normal(0, scale, shape).astype("float32")


def save(path, signatures, module=None):
    """Writes `signatures`: {key: (function, [TensorSpec])} as one SavedModel; variables hang on `module`."""
    module = module or tf.Module()
    concrete = {key: tf.function(fn, input_signature=specs).get_concrete_function() for key, (fn, specs) in signatures.items()}
    module.functions = list(concrete.values())
    tf.saved_model.save(module, path, signatures=concrete)


def spec(name, *shape, dtype=F32):
    return tf.TensorSpec(shape, dtype, name=name)


def several_signatures(path):
    """encode, decode and score share variables; one of them is called from another."""
    module = tf.Module()
    module.kernel = tf.Variable(random(12, 5), name="kernel")
    module.bias = tf.Variable(random(5), name="bias")

    @tf.function
    def project(x):
        return tf.nn.bias_add(tf.matmul(x, module.kernel), module.bias)

    save(path, {
        "encode": (lambda x: {"code": tf.nn.relu(project(x))}, [spec("x", None, 12)]),
        "decode": (lambda code: {"x": tf.matmul(code, module.kernel, transpose_b=True)}, [spec("code", None, 5)]),
        "score": (lambda x, weight: {"score": tf.reduce_sum(project(x) * weight, -1), "best": tf.argmax(project(x), -1)},
                  [spec("x", None, 12), spec("weight", 5)]),
    }, module)


def conv_forms(path):
    """Convolutions as people write them by hand: paddings, dilations, SpaceToBatch form, 3 x 1 kernels, residuals."""
    w = lambda *shape: tf.constant(random(*shape, scale=0.3))

    def model(image):
        x = tf.nn.relu(tf.nn.conv2d(image, w(3, 3, 4, 8), 2, "SAME") + w(8))
        y = tf.nn.conv2d(x, w(3, 3, 8, 8), 1, [[0, 0], [1, 1], [2, 0], [0, 0]])
        y = tf.clip_by_value(tf.nn.bias_add(y, w(8)), -1.0, 1.0)
        z = tf.nn.conv2d(x, w(3, 3, 8, 8), 1, "SAME", dilations=2)
        batches = tf.space_to_batch_nd(x, [2, 2], [[2, 2], [2, 2]])
        batches = tf.nn.conv2d(batches, w(3, 3, 8, 8), 1, "VALID")
        s = tf.batch_to_space(batches, [2, 2], [[0, 0], [0, 0]])
        d = tf.nn.depthwise_conv2d(x, w(3, 3, 8, 2), [1, 1, 1, 1], "SAME", dilations=[2, 2])
        d = tf.nn.relu6(d * w(16) + w(16))
        d = tf.nn.conv2d(tf.pad(d, [[0, 0], [1, 1], [1, 1], [0, 0]]), w(3, 3, 16, 8), 1, "VALID")
        return {"sum": x + z + s + d, "clipped": y}

    save(path, {"serving_default": (model, [spec("image", None, 24, 24, 4)])})


def hand_written_activations(path):
    """Hard-swish, gelu and friends spelled out in primitive ops."""

    def model(x):
        hard_sigmoid = tf.nn.relu6(x + 3.0) * (1.0 / 6.0)
        cube = 0.044715 * tf.pow(x, 3)
        return {
            "hard_swish": x * hard_sigmoid,
            "hard_swish_divided": x * tf.nn.relu6(x + 3.0) / 6.0,
            "gelu_erf": 0.5 * x * (1.0 + tf.math.erf(x / np.float32(np.sqrt(2.0)))),
            "gelu_tanh": 0.5 * x * (1.0 + tf.tanh(np.float32(np.sqrt(2 / np.pi)) * (x + cube))),
            "gelu_api": tf.nn.gelu(x, approximate=True),
            "swish": x * tf.sigmoid(x),
            "mish": x * tf.tanh(tf.math.softplus(x)),
            "relu_n1_to_1": tf.maximum(tf.minimum(x, 1.0), -1.0),
            "leaky": tf.maximum(x, 0.1 * x),
            "prelu": tf.nn.relu(x) - w8() * tf.nn.relu(-x),
        }

    w8 = lambda: tf.constant(random(8))
    save(path, {"serving_default": (model, [spec("x", None, 8)])})


def hand_written_norms(path):
    """Layer, instance and root-mean-square normalisation, L2 normalisation, in primitive ops."""
    gamma, beta = random(16, seed=1) + 1, random(16, seed=2)

    def layer_norm(x):
        mean, variance = tf.nn.moments(x, [-1], keepdims=True)
        return tf.nn.batch_normalization(x, mean, variance, beta, gamma, 1e-5)

    def instance_norm(x):
        mean = tf.reduce_mean(x, [1, 2], keepdims=True)
        variance = tf.reduce_mean(tf.math.squared_difference(x, mean), [1, 2], keepdims=True)
        return (x - mean) * tf.math.rsqrt(variance + 1e-5) * gamma + beta

    def model(x):
        rms = x * tf.math.rsqrt(tf.reduce_mean(tf.square(x), -1, keepdims=True) + 1e-6) * gamma
        return {"layer": layer_norm(x), "instance": instance_norm(x), "rms": rms, "l2": tf.math.l2_normalize(x, -1)}

    save(path, {"serving_default": (model, [spec("x", None, 5, 6, 16)])})


def indexing(path):
    """gather, gather_nd, one_hot, cumsum, top_k, argmax, where, reverse, scatter-free selection."""
    table = random(20, 6)

    def model(ids, x):
        values, order = tf.math.top_k(x, 3)
        return {
            "rows": tf.gather(table, ids),
            "columns": tf.gather(x, [3, 0, 0], axis=1),
            "batch_rows": tf.gather(x, order, batch_dims=1),
            "one_hot": tf.one_hot(ids, 20, on_value=2.0, off_value=-1.0),
            "cumsum": tf.cumsum(x, axis=1, exclusive=True, reverse=True),
            "values": values,
            "order": order,
            "arg": tf.argmax(x, 1, output_type=I32),
            "where": tf.where(x > 0, x, -2.0 * x),
            "reversed": tf.reverse(x, [1]),
            "points": tf.gather_nd(table, tf.stack([ids, ids % 6], -1)),
        }

    save(path, {"serving_default": (model, [spec("ids", None, 4, dtype=I32), spec("x", None, 9)])})


def slicing(path):
    """Slices with every mask, split, unstack, stack, tile, pads, depth and batch space."""

    def model(x):
        a, b = tf.split(x, [3, 5], axis=2)
        first, *_ = tf.unstack(x, axis=1)
        return {
            "masks": x[:, ::2, 1:-1:3, tf.newaxis],
            "negative": x[..., ::-1],
            "shrink": x[:, 2, ...],
            "sliced": tf.slice(x, [0, 1, 2], [-1, 2, 3]),
            "stacked": tf.stack([first, 2 * first], axis=1),
            "split": tf.concat([b, a], 2),
            "tiled": tf.tile(x, [1, 2, 1]),
            "reflect": tf.pad(x, [[0, 0], [1, 2], [3, 0]], "REFLECT"),
            "padded": tf.pad(x, [[0, 0], [1, 0], [0, 2]], constant_values=-1.5),
            "turned": tf.transpose(x, [0, 2, 1]),
            "flat": tf.reshape(x, [tf.shape(x)[0], -1]),
            "outer": tf.einsum("bij,bkj->bik", x, x),
        }

    save(path, {"serving_default": (model, [spec("x", None, 4, 8)])})


def reductions(path):
    def model(x):
        return {
            "mean": tf.reduce_mean(x, [1, 2]),
            "sum": tf.reduce_sum(x, -1, keepdims=True),
            "max": tf.reduce_max(x, 1),
            "min": tf.reduce_min(x, [1, 3]),
            "prod": tf.reduce_prod(x, 2),
            "all": tf.reduce_all(x > -3.0, [1, 2, 3]),
            "any": tf.reduce_any(x > 2.0, 3),
            "logsumexp": tf.reduce_logsumexp(x, -1),
            "std": tf.math.reduce_std(x, [1, 2]),
            "norm": tf.norm(x, axis=-1),
        }

    save(path, {"serving_default": (model, [spec("x", None, 4, 5, 6)])})


def class_token(path):
    """A learned token broadcast to the unknown batch and put in front of the sequence."""
    token = tf.constant(random(1, 1, 8))

    def model(x):
        tokens = tf.tile(token, [tf.shape(x)[0], 1, 1])
        return {"sequence": tf.concat([tokens, x], 1)}

    save(path, {"serving_default": (model, [spec("x", None, 7, 8)])})


def integers(path):
    """Integer and boolean arithmetic, casts, comparisons, ranges, float to int and back."""

    def model(a, b):
        f = tf.cast(a, F32) * 0.37
        return {
            "div": a // tf.maximum(b, 1),
            "mod": tf.math.floormod(a, tf.maximum(b, 1)),
            "mixed": tf.cast(tf.logical_and(a > b, tf.not_equal(a, 3)), F32),
            "select": tf.where(a < b, a * 2, b - 1),
            "ramp": a + tf.range(6),
            "rounded": tf.cast(tf.round(f) + tf.floor(f) + tf.math.ceil(f), I32),
            "long": tf.cast(a, tf.int64) + 5,
        }

    save(path, {"serving_default": (model, [spec("a", None, 6, dtype=I32), spec("b", None, 6, dtype=I32)])})


def fail_eigenvalues(path):
    def model(x):
        return {"y": tf.linalg.eigvalsh(tf.matmul(x, x, transpose_a=True), name="my_eigenvalues") + 1.0}

    save(path, {"serving_default": (model, [spec("x", None, 4)])})


def fail_several(path):
    """Three different uncovered ops in separate branches: all are to be listed at once."""

    def model(x):
        square = tf.reshape(x, [-1, 3, 3])
        return {
            "eigenvalues": tf.linalg.eigvalsh(square, name="branch_a/eigenvalues"),
            "root": tf.linalg.sqrtm(square, name="branch_b/root"),
            "singular": tf.linalg.svd(square, compute_uv=False, name="branch_c/svd"),
            "fine": tf.nn.relu(x),
        }

    save(path, {"serving_default": (model, [spec("x", None, 9)])})


def fail_matrix_square_root(path):
    save(path, {"serving_default": (lambda x: {"y": tf.linalg.sqrtm(x)}, [spec("x", 1, 3, 3)])})

