"""TF1-style models: frozen GraphDefs (binary and text, NHWC and NCHW) and SavedModels of the Saver era.

Each builder returns {"inputs": [...], "outputs": [...]} tensor names for --inputs/--outputs, or None for a SavedModel.
"""

import numpy as np
import tensorflow as tf

tf1 = tf.compat.v1


def random(*shape, seed=5):
    return np.random.default_rng(seed + sum(shape)).normal(0, 0.3, shape).astype("float32")


def _conv_net(image, data_format):
    """conv + bias + relu, batch norm, max pool, depthwise-like 1 x 1, mean, dense; `image` is in `data_format`."""
    nchw = data_format == "NCHW"
    at = lambda n: [1, 1, n, n] if nchw else [1, n, n, 1]
    pool = tf1.nn.max_pool(_block(image, at, data_format), at(2), at(2), "VALID", data_format=data_format, name="pool")
    x = tf1.nn.conv2d(pool, random(1, 1, 8, 12), at(1), "SAME", data_format=data_format, name="conv2")
    x = tf1.nn.relu6(tf1.nn.bias_add(x, random(12), data_format=data_format), name="relu6")
    x = tf1.reduce_mean(x, [2, 3] if nchw else [1, 2], name="mean")
    return tf1.nn.softmax(tf1.matmul(x, random(12, 5)) + random(5), name="probabilities")


def _block(image, at, data_format):
    x = tf1.nn.conv2d(image, random(3, 3, 4, 8), at(2), "SAME", data_format=data_format, name="conv1")
    x = tf1.nn.relu(tf1.nn.bias_add(x, random(8), data_format=data_format), name="relu1")
    return tf1.nn.fused_batch_norm(x, random(8) + 1, random(8, seed=6), random(8, seed=7), np.abs(random(8, seed=8)) + 0.5,
                                   is_training=False, data_format=data_format)[0]


def _conv_graph(data_format):
    shape = [None, 4, 16, 16] if data_format == "NCHW" else [None, 16, 16, 4]
    with tf.Graph().as_default() as graph:
        _conv_net(tf1.placeholder(tf.float32, shape, "image"), data_format)
    return graph.as_graph_def()


IMAGE = {"inputs": ["image"], "outputs": ["probabilities"]}


def frozen_nchw(path):
    tf.io.write_graph(_conv_graph("NCHW"), *_split(path), as_text=False)
    return IMAGE


def frozen_nchw_text(path):
    tf.io.write_graph(_conv_graph("NCHW"), *_split(path), as_text=True)
    return IMAGE


def frozen_nhwc(path):
    tf.io.write_graph(_conv_graph("NHWC"), *_split(path), as_text=False)
    return IMAGE


def frozen_nhwc_text(path):
    tf.io.write_graph(_conv_graph("NHWC"), *_split(path), as_text=True)
    return IMAGE


def frozen_variables(path):
    """Variables frozen by the TF1 tool: Const + Identity pairs, a dropout switch and unused nodes left behind."""
    with tf.Graph().as_default(), tf1.Session() as session:
        x = tf1.placeholder(tf.float32, [None, 10], "x")
        hidden = tf1.nn.relu(tf1.matmul(x, tf1.Variable(random(10, 16), name="w1")) + tf1.Variable(random(16), name="b1"))
        tf1.identity(hidden * 2.0, name="unused")
        logits = tf1.add(tf1.matmul(hidden, tf1.Variable(random(16, 3), name="w2")), tf1.Variable(random(3), name="b2"))
        tf1.nn.softmax(tf1.identity(logits, name="logits"), name="out")
        session.run(tf1.global_variables_initializer())
        frozen = tf1.graph_util.convert_variables_to_constants(session, session.graph_def, ["out", "logits", "unused"])
    tf.io.write_graph(frozen, *_split(path), as_text=False)
    return {"inputs": ["x"], "outputs": ["out", "logits"]}


def _saver_model(path, use_resource):
    with tf.Graph().as_default(), tf1.Session() as session, tf1.variable_scope("net", use_resource=use_resource):
        x = tf1.placeholder(tf.float32, [None, 12, 12, 3], "x")
        w = tf1.get_variable("w", initializer=random(3, 3, 3, 8))
        b = tf1.get_variable("b", initializer=random(8))
        y = tf1.nn.relu(tf1.nn.bias_add(tf1.nn.conv2d(x, w, [1, 1, 1, 1], "SAME"), b))
        y = tf1.layers.flatten(y) if hasattr(tf1.layers, "flatten") else tf1.reshape(y, [-1, 12 * 12 * 8])
        y = tf1.matmul(y, tf1.get_variable("dense", initializer=random(12 * 12 * 8, 4)))
        session.run(tf1.global_variables_initializer())
        tf1.saved_model.simple_save(session, path, {"x": x}, {"scores": tf1.nn.softmax(y), "logits": y})


def saver_resource(path):
    """SavedModel without an object graph: resource variables restored by the Saver's restore op."""
    _saver_model(path, True)


def saver_reference(path):
    """The same with reference variables (VariableV2, Assign)."""
    _saver_model(path, False)


def nhwc_twin(name):
    """Function that computes an NCHW graph's outputs on a CPU, which has no NCHW kernels: {name: value}."""

    def run(feed):
        image = np.transpose(feed["image"], [0, 2, 3, 1])
        with tf.Graph().as_default(), tf1.Session() as session:
            x = tf1.placeholder(tf.float32, [None, 16, 16, 4])
            return {"probabilities": session.run(_conv_net(x, "NHWC"), {x: image})}

    return run if "nchw" in name else None


def _split(path):
    folder, _, file = path.rpartition("/")
    return folder or ".", file

