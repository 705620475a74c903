#!/usr/bin/env python3
"""Writes tests/golden/import: small models made by real TensorFlow, and the values their variables must have.

Run it with a Python that has tensorflow 2.21 and keras 3; it replaces the folder's contents. expected.txt has one line per
variable that a signature reads:  MODEL NODE DTYPE_NUMBER DIM,DIM,... HEX_OF_THE_LITTLE_ENDIAN_VALUES
The values come from a session of the TF1 loader, or from the captures of the TF2 loader's signatures.
"""
import os
import pathlib
import shutil

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["KERAS_BACKEND"] = "tensorflow"

import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
from tensorflow.core.protobuf import saved_model_pb2  # noqa: E402
from tensorflow.python.checkpoint.sharding import sharding_policies  # noqa: E402

v1 = tf.compat.v1
OUT = pathlib.Path(__file__).parent / "import"
FLOATS = tf.TensorSpec([None, 2], tf.float32)


def ramp(*shape, start=0.0):
    return (np.arange(np.prod(shape), dtype=np.float32).reshape(shape) + start).astype(np.float32)


def keras_model():
    tf.keras.utils.set_random_seed(1)
    inputs = tf.keras.Input((2,), name="x")
    hidden = tf.keras.layers.Dense(3, name="first")(inputs)
    model = tf.keras.Model(inputs, tf.keras.layers.Dense(1, name="second")(hidden))
    model.set_weights([w + i for i, w in enumerate(model.get_weights())])
    return model


class TwoNames(tf.Module):
    """Two variables of one name, bound to the attributes in the order that names do not tell; two signatures."""

    def __init__(self):
        super().__init__()
        self.first = tf.Variable(ramp(2, 2), name="x")
        self.w = tf.Variable(ramp(2, 2, start=100), name="x")
        self.open = tf.Variable(ramp(2, 3, start=50), name="open", shape=[None, 3])

    @tf.function(input_signature=[FLOATS])
    def add(self, a):
        return {"sum": a @ self.w + self.first}

    @tf.function(input_signature=[FLOATS])
    def multiply(self, a):
        values, indices = tf.math.top_k(a @ self.first, k=1)
        return {"indices": indices, "product": values @ self.open[:1]}


class WithAsset(tf.Module):
    """A string table read from a file in assets/, and a variable."""

    def __init__(self, path):
        super().__init__()
        self.scale = tf.Variable(3.0)
        self.table = tf.lookup.StaticHashTable(
            tf.lookup.TextFileInitializer(path, tf.string, tf.lookup.TextFileIndex.WHOLE_LINE, tf.int64,
                                          tf.lookup.TextFileIndex.LINE_NUMBER), -1)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
    def find(self, words):
        return {"index": self.table.lookup(words), "scale": self.scale}


class Sharded(tf.Module):
    """One variable that the checkpoint holds in pieces, over several shards."""

    def __init__(self):
        super().__init__()
        self.big = tf.Variable(ramp(8, 4))

    @tf.function(input_signature=[tf.TensorSpec([None, 8], tf.float32)])
    def multiply(self, a):
        return {"y": a @ self.big}


def write_tf1(folder):
    """Variables of both kinds, one of them in partitions; two meta graphs."""
    with tf.Graph().as_default(), v1.Session() as session:
        x = v1.placeholder(tf.float32, [None, 5], name="x")
        with v1.variable_scope("net", partitioner=v1.fixed_size_partitioner(2)):
            weights = v1.get_variable("weights", [5, 3], use_resource=True)
            old = v1.get_variable("old", [5, 3], use_resource=False)
        bias = v1.get_variable("bias", initializer=ramp(3, start=7), use_resource=False)
        y = tf.add(tf.matmul(x, tf.convert_to_tensor(weights)) + tf.matmul(x, tf.convert_to_tensor(old)), bias, name="y")
        session.run(v1.global_variables_initializer())
        for i, part in enumerate([*weights, *old]):
            session.run(part.assign(ramp(*part.shape, start=100 * i)))
        signature = v1.saved_model.predict_signature_def({"x": x}, {"y": y})
        builder = v1.saved_model.Builder(str(folder))
        builder.add_meta_graph_and_variables(session, ["serve"], {"serving_default": signature})
        builder.add_meta_graph(["serve", "small"], {"serving_default": signature})
        builder.save()


def write_frozen(folder):
    with tf.Graph().as_default() as graph:
        x = v1.placeholder(tf.float32, [None, 4], name="x")
        kernel = tf.constant(ramp(4, 2), name="kernel")
        splat = tf.constant(0.5, shape=[2], name="bias")
        y = tf.nn.bias_add(tf.matmul(x, kernel), splat)
        tf.split(tf.nn.relu(y, name="relu"), 2, axis=1, name="split")
        definition = graph.as_graph_def()
    (folder / "frozen.pb").write_bytes(definition.SerializeToString(deterministic=True))
    (folder / "frozen.pbtxt").write_text(str(definition))


def main_graph(folder):
    model = saved_model_pb2.SavedModel()
    model.ParseFromString((folder / "saved_model.pb").read_bytes())
    return model.meta_graphs[0].graph_def, model.meta_graphs[0].signature_def


def line(model, node, value):
    value = np.asarray(value)
    dims = ",".join(map(str, value.shape)) or "-"
    return f"{model} {node} {tf.as_dtype(value.dtype).as_datatype_enum} {dims} {value.tobytes().hex()}\n"


def expected_tf2(folder):
    """A signature's call node in the main graph has its captures as trailing inputs, in the order of the loaded function's."""
    graph, signatures = main_graph(folder)
    nodes = {n.name: n for n in graph.node}
    loaded = tf.saved_model.load(str(folder))
    lines = set()
    for key, function in loaded.signatures.items():
        call = nodes[next(iter(signatures[key].outputs.values())).name.split(":")[0]]
        inputs = [i for i in call.input if not i.startswith("^")]
        for name, capture in zip(inputs[len(inputs) - len(function.captured_inputs):], function.captured_inputs):
            if capture.dtype != tf.resource or nodes[name].op != "VarHandleOp":
                continue
            dtype = tf.as_dtype(nodes[name].attr["dtype"].type)
            lines.add(line(folder.name, name, tf.raw_ops.ReadVariableOp(resource=capture, dtype=dtype)))
    return sorted(lines)


def expected_tf1(folder, names):
    with tf.Graph().as_default() as graph, v1.Session() as session:
        v1.saved_model.loader.load(session, ["serve"], str(folder))
        lines = []
        for name in names:
            op = graph.get_operation_by_name(name)
            tensor = op.outputs[0]
            if op.type == "VarHandleOp":
                tensor = tf.raw_ops.ReadVariableOp(resource=tensor, dtype=tf.as_dtype(op.get_attr("dtype")))
            lines.append(line(folder.name, name, session.run(tensor)))
        return lines


def main():
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir()
    keras_model().export(str(OUT / "keras_export"), verbose=False)
    tf.saved_model.save(keras_model(), str(OUT / "keras_save"))
    two = TwoNames()
    tf.saved_model.save(two, str(OUT / "two_names"), signatures={"add": two.add, "multiply": two.multiply})
    words = OUT / "words.txt"
    words.write_text("zero\none\ntwo\n")
    asset = WithAsset(str(words))
    tf.saved_model.save(asset, str(OUT / "asset"), signatures=asset.find)
    words.unlink()
    sharded = Sharded()
    policy = sharding_policies.MaxShardSizePolicy(max_shard_size=48)
    tf.saved_model.save(sharded, str(OUT / "sharded"), signatures=sharded.multiply,
                        options=tf.saved_model.SaveOptions(experimental_sharding_callback=policy))
    write_tf1(OUT / "tf1")
    write_frozen(OUT)

    lines = []
    for name in ["keras_export", "keras_save", "two_names", "asset", "sharded"]:
        lines += expected_tf2(OUT / name)
    lines += expected_tf1(OUT / "tf1", ["net/weights/part_0", "net/weights/part_1", "net/old/part_0", "net/old/part_1", "bias"])
    (OUT / "expected.txt").write_text("".join(lines))


if __name__ == "__main__":
    main()
