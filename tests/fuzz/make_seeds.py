#!/usr/bin/env python3
"""Writes the seeds of tests/fuzz/corpus (files seed_*; others are inputs that once broke something, and are kept).

Run it with a Python that has tensorflow 2.21 (make_seeds.py [MODELS]). Small models: one of each family of ops, as frozen GraphDef (for the converter) and as TFLiteConverter
writes it (for the runtime), and pieces of tests/golden/import.
"""
import fnmatch
import inspect
import io
import itertools
import os
import pathlib
import re
import struct
import sys
import tempfile
import zlib

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "parity")]

import flatbuffers.flexbuffers as flexbuffers  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
from tensorflow.core.framework import attr_value_pb2  # noqa: E402
from tensorflow.lite.python.convert import ConverterError  # noqa: E402
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2  # noqa: E402

import generate_graphs  # noqa: E402
import graph_cases  # noqa: E402
import op_cases  # noqa: E402
from support import one_op  # noqa: E402

CORPUS = HERE / "corpus"
GOLDEN = HERE.parent / "golden" / "import"
CASES = """add_broadcast_both add_n argmax avg_pool_same band_part batch_matmul_adjoint batch_to_space broadcast_to_batch cast_uint8 concat
conv1d_causal conv2d_dilation2 conv2d_explicit_padding conv2d_same_stride2 conv3d convolution_space_to_batch cumsum depth_to_space depthwise_multiplier3
einsum_project_heads embedding_int64 fill_batch flatten_dynamic floor_mod_int gather_batch_dims gather_nd image_resize_api l2_normalize layer_norm local_response
masked_attention matmul_bias_relu6 max_pool_same meshgrid one_hot_int pad_reflect pad_value range reduce_prod resize_nearest reverse reverse_sequence roll
scatter_nd segment_sum set_diag shape_arithmetic slice_int_batch softmax space_to_depth split_sizes squeeze stack strided_all_masks strided_shrink
tensor_scatter_update tile top_k transpose_4d transposed_valid_stride2 unsorted_segment_max unstack where_broadcast""".split()
# As files that `op_parity.py --models FOLDER` left, of the peer: state, control flow, and operators that the cases above do not have.
MODELS = """quantized_range_found implements_embedding rewrite_sigmoid reshape_back_and_forth tanh scalar_over rnn_tk_lstm_sequences exp split_use_one
maximum_broadcast minimum logical_constants select_v1 string_slice sparse_to_dense_int64 is_nan reduce_sum_int pow_three argmin logical_and floor_div zeros_like
range_computed leaky_relu sparse_from_dense matrix_diag hard_swish cond_strings_constant string_loop nms_padded nms_soft_padded keras_string_lookup_adapted
rfft2d_abs rfft_parts table_lines_first table_size conv3d_transpose_valid optimizer_descent random_normal random_uniform random_multinomial_int32 gelu
xla_dynamic_update unsorted_segment_prod bitcasts bucketize_int""".split()
GRAPHS = ("cond_in_while", "everything_in_everything", "merge_of_three", "while_in_while")


def save(target, name, data):
    folder = CORPUS / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"seed_{name}").write_bytes(data)


def op_models():
    cases = {case.name: case for case in op_cases.all_cases()}
    for case in map(cases.__getitem__, CASES):
        parameters = list(inspect.signature(case.build).parameters)[:len(case.inputs)]
        specs = [i.spec(p, None if case.has_batch() else 2) for i, p in zip(case.inputs, parameters)]
        traced = tf.function(lambda *x: case.build(*x), input_signature=specs, autograph=False).get_concrete_function()  # noqa: B023
        frozen = convert_variables_to_constants_v2(traced)
        save("convert", case.name, frozen.graph.as_graph_def().SerializeToString())
        try:
            save("tflite", case.name, tf.lite.TFLiteConverter.from_concrete_functions([traced]).convert())
        except ConverterError:  # an op that it does not have
            print(f"{case.name}: only as GraphDef")


def tf1_graphs():
    """Loops and conditionals of Switch and Merge."""
    for case in graph_cases.CASES:
        if case.name not in GRAPHS:
            continue
        with tempfile.TemporaryDirectory() as folder:
            generate_graphs.write(case, folder)
            data = pathlib.Path(folder, f"{case.name}.pb").read_bytes()
        save("graph", f"tf1_{case.name}", data)
        save("convert", f"tf1_{case.name}", data)


def saved_models():
    for folder in ("keras_export", "two_names", "tf1", "asset"):
        data = (GOLDEN / folder / "saved_model.pb").read_bytes()
        save("graph", folder, data)
        if folder == "keras_export":  # the one whose checkpoint the targets have
            save("convert", folder, data)
    for name in ("frozen.pb", "frozen.pbtxt"):
        save("graph", name, (GOLDEN / name).read_bytes())


def attributes():
    """One AttrValue of each kind, in both forms that attr_fuzz reads."""
    t = tf.make_tensor_proto
    shape = tf.TensorShape([2, None]).as_proto()
    values = {
        "bool": attr_value_pb2.AttrValue(b=True), "int": attr_value_pb2.AttrValue(i=-3), "string": attr_value_pb2.AttrValue(s=b"SAME"),
        "float": attr_value_pb2.AttrValue(f=0.5), "type": attr_value_pb2.AttrValue(type=1), "shape": attr_value_pb2.AttrValue(shape=shape),
        "tensor": attr_value_pb2.AttrValue(tensor=t([[1., 2.]])), "strings_tensor": attr_value_pb2.AttrValue(tensor=t([b"a", b"bc"])),
        "func": attr_value_pb2.AttrValue(func=attr_value_pb2.NameAttrList(name="f", attr={"T": attr_value_pb2.AttrValue(type=1)})),
        "placeholder": attr_value_pb2.AttrValue(placeholder="T"),
    }
    lists = {"s": [b"a", b"b"], "i": [1, -1, 300], "f": [1., 2.], "b": [True, False], "type": [1, 3], "shape": [shape], "tensor": [t(1)],
             "func": [attr_value_pb2.NameAttrList(name="f")]}
    for kind, items in lists.items():
        values[f"list_{kind}"] = attr_value_pb2.AttrValue(list=attr_value_pb2.AttrValue.ListValue(**{kind: items}))
    for name, value in values.items():
        save("attr", name, b"\0" + value.SerializeToString())
    for dtype in ("float16", "float32", "float64", "int8", "int32", "int64", "bool", "complex64", "uint32"):
        splat = t(np.ones((), dtype), shape=[3])
        save("attr", f"splat_{dtype}", b"\1" + splat.SerializeToString())
    save("attr", "unknown_shape", b"\2" + shape.SerializeToString())


def varint(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 127) << shift
        shift += 7
        at += 1
        if data[at - 1] < 128:
            return value, at


def block(table, handle, at=0):
    """The block at a handle (offset, size as varints), without its trailer."""
    offset, at = varint(handle, at)
    size, at = varint(handle, at)
    return table[offset:offset + size], at


def checkpoints():
    """The one data block of an index (the first entry of the table's index says where), and its shard."""
    for folder in ("keras_export", "two_names", "tf1", "asset"):
        variables = GOLDEN / folder / "variables"
        table = (variables / "variables.index").read_bytes()
        save("checkpoint", f"{folder}_index", b"\0" + table)
        footer = table[-48:]
        index, _ = block(table, footer, block(table, footer)[1])
        shared, at = varint(index, 0)
        key, at = varint(index, at)
        size, at = varint(index, at)
        data, _ = block(table, index, at + key)
        shard = (variables / "variables.data-00000-of-00001").read_bytes()
        save("checkpoint", f"{folder}_block", b"\1" + struct.pack("<H", len(data)) + data + shard)


def arrays():
    for dtype in ("f4", "f8", "f2", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1", "c8", "c16", "S3", "U2"):
        file = io.BytesIO()
        np.save(file, np.asfortranarray(np.ones((2, 3), dtype)) if dtype == "i4" else np.ones((2, 3), dtype))
        save("npy", dtype, file.getvalue())
    for name, write in (("stored", np.savez), ("deflated", np.savez_compressed)):
        file = io.BytesIO()
        write(file, x=np.ones((2, 3), "f4"), y=np.array(["a", "bc"]))
        save("npz", name, file.getvalue())


def manifests():
    text = (HERE.parent / "unit" / "registry" / "example.h").read_text()
    save("manifest", "example", re.search(r'R"\((.*)\)"', text, re.S).group(1).encode())


def libraries():
    """An ELF header and its program headers: LOAD, DYNAMIC, GNU_STACK."""
    for name, machine in (("x86_64", 62), ("aarch64", 183)):
        header = b"\x7fELF\2\1\1" + bytes(9) + struct.pack("<HHIQQQIHHHHHH", 3, machine, 1, 0, 64, 0, 0, 64, 56, 3, 0, 0, 0)
        segments = b"".join(struct.pack("<IIQQQQQQ", kind, 4, 0, 0, 0, 64, 64, 4096) for kind in (1, 2, 0x6474E551))
        save("elf", name, header + segments)


def peer_models(folder):
    for name in MODELS:
        save("tflite", name, next(folder / f"{name}_{batch}.tfl.tflite" for batch in "sd" if (folder / f"{name}_{batch}.tfl.tflite").exists()).read_bytes())


# Families of kernels whose operands random choices never fit together, and the makers of the parity suite of what they take.
TEMPLATES = {"argmax_pool": ("MaxPoolingWithArgmax2D", "MaxUnpooling2D"), "transpose_conv_bias": ("Convolution2DTransposeBias",), "detection": ("TFLite_Detection_PostProcess",), "hadamard": ("aeq.hadamard_rotation",),
             "mfcc": ("Mfcc",), "spectrogram": ("AudioSpectrogram",), "stablehlo_scatter": ("STABLEHLO_SCATTER",)}
RECURRENT = {"basic_lstm/*": "lstm_basic", "*lstm/integer": "lstm_integer", "*lstm/byte_gates": "lstm_integer", "*lstm/*": "lstm", "*rnn/*": "rnn", "svdf/*": "svdf"}
LARGEST, EACH = 8192, 4


def template(family, name, data):
    folder = HERE / "templates" / family
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.tflite").write_bytes(data)


def gru_templates():
    """tflower.Gru, which no peer has."""
    for i, (after, time_major, constant) in enumerate(itertools.product((True, False), (True, False), (True, False))):
        random = np.random.default_rng(i)
        floats = lambda *shape: random.uniform(-1, 1, shape).astype("f4")  # noqa: B023
        batch, time, inputs, units = 2, 3, 5, 1 + 3 * i
        first = (time, batch) if time_major else (batch, time)
        operands = [(floats(*first, inputs), False), (floats(3 * units, inputs), constant), (floats(3 * units, units), constant), (floats(3 * units), constant),
                    (floats(units), constant) if after else None, (floats(batch, units), False)]
        options = flexbuffers.Dumps({"activation": "tanh", "reset_after": after, "time_major": time_major})
        template("gru", i, one_op.build("CUSTOM", None, operands, [floats(*first, units), floats(batch, units)], custom=("tflower.Gru", options)))


def templates():
    """Files of one operator that operator_fuzz changes."""
    import fuzz_cases
    import operator_fuzz
    import rnn_cases

    makers = fuzz_cases.load()
    for family, op in ((family, op) for family, ops in TEMPLATES.items() for op in ops):
        cases = (makers[op](operator_fuzz.Random(1, zlib.crc32(op.encode()), i), op) for i in range(100))
        made = (operator_fuzz.built(op, c, [np.zeros(shape, t) for shape, t in zip(c.shapes or [[]] * len(c.outputs), c.outputs)]) for c in cases)
        for i, data in enumerate(itertools.islice((d for d in made if len(d) <= LARGEST), EACH)):
            template(family, i if len(TEMPLATES[family]) == 1 else f"{op}_{i}", data)
    gru_templates()
    for form, make in rnn_cases.FORMS.items():
        family = next(f for pattern, f in RECURRENT.items() if fnmatch.fnmatch(form, pattern))
        made = (make(np.random.default_rng([1, zlib.crc32(form.encode()), i])).content for i in range(100))
        for i, data in enumerate(itertools.islice((d for d in made if len(d) <= LARGEST), EACH)):
            template(family, f"{form.replace('/', '_')}_{i}", data)


def main():
    for make in (saved_models, attributes, checkpoints, arrays, manifests, libraries, tf1_graphs, op_models, templates):
        make()
    if len(sys.argv) > 1:
        peer_models(pathlib.Path(sys.argv[1]))


if __name__ == "__main__":
    main()
