#!/usr/bin/env python3
"""Custom operators against TFLiteConverter's: live TF models with ops and functions that have no builtin form, converted by both.

The operators' codes, options, and the types of their results must agree. Ours may hold more options (types that the peer leaves out), have a
flag where the peer writes an integer, and fewer unknown dimensions. Recurrent layers as operators of tflower's own (`--rnn custom`) must compute in its
runtime what TensorFlow does. Prints "N passed, N failed".
"""

import os
import sys
import tempfile

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import flatbuffers.flexbuffers as flexbuffers  # noqa: E402
import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ai_edge_litert import schema_py_generated as schema  # noqa: E402
from op_cases import gru  # noqa: E402
from support import tflower_cli  # noqa: E402

raw = tf.raw_ops
CUSTOM = schema.BuiltinOperator.CUSTOM
MAP = 9  # FlexBuffers' type of a map


def spec(shape, dtype=tf.float32):
    return tf.TensorSpec(shape, dtype)


def implementing(text, body, *specs):
    """A model that calls one function annotated with `text`."""
    function = tf.function(body, experimental_implements=text)
    return lambda *inputs: function(*inputs), specs


def attrs(name, **values):
    kinds = {bool: "b", int: "i", float: "f", str: "s"}

    def one(value):
        kind = kinds[type(value)]
        return f'{kind}: "{value}"' if kind == "s" else f"{kind}: {str(value).lower()}"
    text = "".join(f'attr {{ key: "{key}" value {{ {"list { " + " ".join(map(one, v)) + " }" if isinstance(v, list) else one(v)} }} }} ' for key, v in values.items())
    return f'name: "{name}" {text}'


def post_process(boxes, scores, anchors):
    return tf.zeros([1, 10, 4]) + tf.reduce_sum(boxes), tf.zeros([1, 10]) + tf.reduce_sum(scores), tf.zeros([1, 10]) + tf.reduce_sum(anchors), tf.zeros([1])


CASES = {
    "scalar_attrs": (lambda x, n: raw.CTCBeamSearchDecoder(inputs=x, sequence_length=n, beam_width=3, top_paths=1, merge_repeated=True)[0], (spec([5, 2, 4]), spec([2], tf.int32))),
    "lists": (lambda x: raw.StringToHashBucketStrong(input=x, num_buckets=100000, key=[1, 2]), (spec([2], tf.string),)),
    "floats": (lambda x: raw.FractionalMaxPool(value=x, pooling_ratio=[1.0, 1.4, 1.3, 1.0], pseudo_random=True, deterministic=True, seed=-5, seed2=70000), (spec([1, 8, 8, 3]),)),
    "strings": (lambda x: raw.DecodeProtoV2(bytes=x, message_type="tensorflow.Example", field_names=["a", "b"], output_types=[tf.float32, tf.int64])[0], (spec([None], tf.string),)),
    "list_of_types": (lambda x: raw.DecodeCSV(records=x, record_defaults=[tf.constant([1.0]), tf.constant([], tf.int64)], field_delim=";", select_cols=[0, 2]), (spec([None], tf.string),)),
    "no_attrs": (lambda x: raw.DecodeBase64(input=x), (spec([None], tf.string),)),
    "unknown_rank": (lambda x: raw.ParseTensor(serialized=x, out_type=tf.float32), (spec([], tf.string),)),
    "unknown_batch": (lambda x: raw.MatrixSquareRoot(input=x), (spec([None, 3, 3]),)),
    "stateful": (lambda n: raw.NonDeterministicInts(shape=n, dtype=tf.uint32), (spec([2], tf.int32),)),
    "shape_attr": (lambda x: raw.ImmutableConst(dtype=tf.float32, shape=[2, 2], memory_region_name="m") + x, (spec([2, 2]),)),
    "function_attr": (lambda x: raw.MapDefun(arguments=[x], captured_inputs=[], output_types=[tf.float32], output_shapes=[[3]],
                                             f=tf.function(lambda v: v + 1).get_concrete_function(spec([3])))[0], (spec([2, 3]),)),
    "fusable": implementing(attrs("my_op", tfl_fusable_op=True, alpha=0.5, k=3, s="hey", flag=True), lambda x: tf.nn.relu(x) * 2, spec([None, 3])),
    "unpooling": implementing(attrs("addons:MaxUnpooling2D", pool_size=[2, 3], strides=[4, 5], padding="SAME"),
                              lambda x, i: tf.tile(x, [1, 2, 2, 1]) + tf.cast(tf.reduce_sum(i), tf.float32), spec([1, 4, 4, 3]), spec([1, 4, 4, 3], tf.int32)),
    "warp": implementing("addons:DenseImageWarp", lambda x, f: x + tf.reduce_sum(f), spec([1, 4, 4, 3]), spec([1, 4, 4, 2])),
    "post_process": implementing(attrs("TFLite_Detection_PostProcess", max_detections=10, max_classes_per_detection=1, num_classes=4, nms_score_threshold=0.2, nms_iou_threshold=0.5,
                                       y_scale=10.0, x_scale=10.0, h_scale=5.0, w_scale=5.0, use_regular_nms=False), post_process, spec([1, 20, 4]), spec([1, 20, 5]), spec([20, 4])),
}

# What TFLiteConverter makes only with TF-Text's ops registered: {code: options}.
OURS = {
    "tokenizer": (*implementing(attrs("tftext:WhitespaceTokenizer"), lambda x: (tf.strings.lower(x), tf.strings.length(x)), spec([1], tf.string)),
                  {"tftext:WhitespaceTokenizer": None}),
    "ngrams": (*implementing(attrs("tftext:Ngrams", width=2, string_separator=" ", axis=-1, reduction_type="STRING_JOIN"), lambda x: tf.strings.lower(x), spec([None], tf.string)),
               {"tftext:Ngrams": {"width": 2, "string_separator": " ", "axis": -1, "reduction_type": "STRING_JOIN"}}),
    "sgnn": (*implementing(attrs("tftext:custom:SgnnProjection", hash_seed=[7, 9], buckets=1000),
                           lambda x, r: tf.zeros([1, 2], tf.float64) + tf.cast(tf.reduce_sum(r), tf.float64), spec([None], tf.string), spec([None], tf.int64)),
             {"tftext:custom:SgnnProjection": {"hash_seed": [7, 9], "buckets": 1000}}),
    # Attributes that the rule does not know: the function is converted by its own ops.
    "declined": (*implementing(attrs("tftext:Ngrams", width=2, novel=1), lambda x: tf.strings.length(x), spec([None], tf.string)), {"StringLength": {"unit": "BYTE"}}),
}


# What a layer becomes, {code: options}, for x: [batch, 40, 5].
RANDOM = keras.initializers.RandomNormal(0, 1, seed=1)
LAYERS = {
    "gru": (lambda: keras.layers.GRU(19, bias_initializer=RANDOM, return_sequences=True, return_state=True), {"tflower.Gru": {"activation": "tanh", "reset_after": True, "time_major": False}}),
    "gru_reset_before": (lambda: keras.layers.GRU(19, bias_initializer=RANDOM, reset_after=False, activation="relu6", return_sequences=True, return_state=True),
                         {"tflower.Gru": {"activation": "relu6", "reset_after": False, "time_major": False}}),
    "gru_by_hand": (lambda: by_hand(gru.time_major_by_hand, 20), {"tflower.Gru": {"activation": "tanh", "reset_after": False, "time_major": True}}),
    "gru_written_otherwise": (lambda: by_hand(gru.written_otherwise, 7), {"tflower.Gru": {"activation": "tanh", "reset_after": True, "time_major": True}}),
}


def by_hand(loop, steps):
    """A loop over steps, which come first, as a layer with one result."""
    return lambda x: [loop(tf.transpose(x, [1, 0, 2])[:steps], tf.zeros([tf.shape(x)[0], 3]))]


def customs(content):
    """[(code, options, [(type, shape signature)])] of a .tflite file's custom operators."""
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(content, 0))
    out = []
    for graph in model.subgraphs:
        for op in graph.operators:
            code = model.operatorCodes[op.opcodeIndex]
            if code.builtinCode != CUSTOM:
                continue
            options = b"" if op.customOptions is None else bytes(op.customOptions)
            results = []
            for index in op.outputs:
                t = graph.tensors[index]
                shape = t.shapeSignature if t.shapeSignature is not None and len(t.shapeSignature) else t.shape
                results.append((t.type, [] if shape is None else list(shape), bool(t.hasRank)))
            out.append((code.customCode.decode(), options, results))
    return out


def options_differ(ours, theirs):
    if ours == theirs:
        return None
    if not theirs or not ours or theirs[-2] >> 2 != MAP:  # no FlexBuffer map
        return f"options {ours.hex()} instead of {theirs.hex()}"
    mine, peer = flexbuffers.Loads(ours), flexbuffers.Loads(theirs)
    wrong = [key for key, value in peer.items() if key not in mine or not same(mine[key], value)]
    return f"options {mine} instead of {peer}: {wrong}" if wrong else None


def same(mine, peer):
    return bool(mine) == bool(peer) if isinstance(mine, bool) else mine == peer


def differ(ours, theirs):
    if [o[0] for o in ours] != [t[0] for t in theirs]:
        return f"operators {[o[0] for o in ours]} instead of {[t[0] for t in theirs]}"
    for (code, options, results), (_, peer_options, peer_results) in zip(ours, theirs):
        if wrong := options_differ(options, peer_options):
            return f"{code}: {wrong}"
        for mine, peer in zip(results, peer_results, strict=True):
            known = all(p in (-1, m) for m, p in zip(mine[1], peer[1])) and len(mine[1]) == len(peer[1])
            if mine[0] != peer[0] or mine[2] != peer[2] or not known:
                return f"{code}: result {mine} instead of {peer}"
    return None


def judge(name, function, specs, wanted, folder):
    """wanted: {code: options}, or None for what the peer makes of it."""
    module = tf.Module()
    module.f = tf.function(function, input_signature=specs)
    path = f"{folder}/{name}"
    tf.saved_model.save(module, path, signatures=module.f)
    result = tflower_cli.call("convert", path, "-o", f"{path}.tflite", "--allow-custom-ops")
    if result.error():
        return result.error()
    with open(f"{path}.tflite", "rb") as file:
        ours = customs(file.read())
    if wanted is not None:
        found = {code: flexbuffers.Loads(options) if options else None for code, options, _ in ours}
        return None if found == wanted else f"{found} instead of {wanted}"
    converter = tf.lite.TFLiteConverter.from_saved_model(path)
    converter.allow_custom_ops = True
    return differ(ours, customs(converter.convert()))


def judge_layer(name, make, wanted, folder):
    module, path = tf.Module(), f"{folder}/{name}"
    module.layer = make()
    module.f = tf.function(lambda x: dict(zip("yh", module.layer(x))), input_signature=[tf.TensorSpec([None, 40, 5], tf.float32, name="x")])
    x = np.random.default_rng(1).normal(0, 1, [3, 40, 5]).astype("float32")
    reference = module.f(x)
    tf.saved_model.save(module, path, signatures=module.f)
    np.savez(f"{path}.in.npz", x=x)
    for arguments in (["convert", path, "-o", f"{path}.tflite", "--rnn", "custom", "--allow-custom-ops"],
                      ["run", f"{path}.tflite", "--inputs", f"{path}.in.npz", "--outputs", f"{path}.out.npz", "--threads", "2"]):
        if wrong := tflower_cli.call(*arguments).error():
            return wrong
    with open(f"{path}.tflite", "rb") as file:
        found = {code: flexbuffers.Loads(options) for code, options, _ in customs(file.read())}
    if found != wanted:
        return f"{found} instead of {wanted}"
    with np.load(f"{path}.out.npz") as results:
        worst = max(np.abs(results[key] - reference[key].numpy()).max() for key in reference)
    return None if worst <= 1e-5 else f"error {worst:.2e}"


def main():
    cases = {**{name: (*case, None) for name, case in CASES.items()}, **OURS}
    names = sys.argv[1:] or [*cases, *LAYERS]
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            if wrong := judge_layer(name, *LAYERS[name], folder) if name in LAYERS else judge(name, *cases[name], folder):
                failed += 1
                print(f"failed {name}: {wrong}", flush=True)
    print(f"{len(names) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
