"""The list of test models, and how one of them is built, fed and described. TensorFlow is imported only to build.

Names: NAME is Keras 3 `model.export()` with an unknown batch, NAME_b1 the same with batch 1,
NAME_tfk is tf_keras `model.save()`; the rest are tf.Module models, frozen graphs and Saver-era SavedModels.
"""

import dataclasses
import json
import os
import sys
import time
import traceback

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from models import feeds  # noqa: E402
from support import peer  # noqa: E402


@dataclasses.dataclass(frozen=True)
class Entry:
    """One model of the zoo."""

    builder: str            # function name or key in the builders module
    kind: str               # keras3 | keras3_b1 | tf_keras | module | frozen | saver
    batches: tuple = (1, 3)  # batch sizes that have reference outputs
    big: bool = False       # made in a process of its own, left out of the fast suite
    fails: tuple | None = None  # words the refusal must contain (ops that nobody covers, their nodes); None: it converts
    dynamic_ops: bool = False   # SHAPE and its arithmetic are needed in a model with an unknown batch
    slices: bool = False    # the model itself slices or stacks, so STRIDED_SLICE and PACK are no shape arithmetic
    pixels: tuple = (-1.0, 1.0)  # range of picture inputs
    extension: str = ""     # of a frozen graph
    dims: int = 32          # value of unknown dimensions other than the batch


BIG = ("mobilenetv2", "mobilenetv3small", "resnet50", "efficientnetb0", "inceptionv3", "densenet121", "unet", "transformer4")
SMALL = ("kws_dscnn", "kws_conv1d", "mlp", "transformer_masked", "vit_tiny", "conv1d_net", "segmenter_head",
         "batch_norm_first", "transposed_conv_bn", "group_conv", "norms", "activations", "preprocessed")
SLICING = ("preprocessed", "conv1d_net", "indexing", "slicing")
MODULES = ("several_signatures", "conv_forms", "hand_written_activations", "hand_written_norms", "indexing", "slicing",
           "reductions", "integers")
PIXELS = {"mobilenetv3small": (0.0, 255.0), "efficientnetb0": (0.0, 255.0), "preprocessed": (0.0, 255.0)}
FROZEN = {"frozen_nchw": "pb", "frozen_nchw_text": "pbtxt", "frozen_nhwc": "pb", "frozen_nhwc_text": "pbtxt",
          "frozen_variables": "pb"}


def _models():
    models = {}
    for name in BIG + SMALL:
        common = {"big": name in BIG, "slices": name in SLICING, "pixels": PIXELS.get(name, (-1.0, 1.0))}
        models[name] = Entry(name, "keras3", **common)
        models[name + "_b1"] = Entry(name, "keras3_b1", batches=(1,), **common)
        models[name + "_tfk"] = Entry(name, "tf_keras", **common)
    models["any_size"] = Entry("any_size", "keras3", dynamic_ops=True)
    for name in MODULES:
        models[name] = Entry(name, "module", slices=name in SLICING)
    models["class_token"] = Entry("class_token", "module", dynamic_ops=True)
    for name, extension in FROZEN.items():
        models[name] = Entry(name, "frozen", extension=extension)
    for name in ("saver_resource", "saver_reference"):
        models[name] = Entry(name, "saver")
    models["fail_eigenvalues"] = Entry("fail_eigenvalues", "module", fails=("SelfAdjointEigV2", "my_eigenvalues"))
    models["fail_several"] = Entry("fail_several", "module",
                                   fails=("SelfAdjointEigV2", "branch_a/eigenvalues", "MatrixSquareRoot", "branch_b/root", "Svd",
                                          "branch_c/svd"))
    models["fail_matrix_square_root"] = Entry("fail_matrix_square_root", "module", batches=(1,), fails=("MatrixSquareRoot",))
    return models


MODELS = _models()


def _build(entry, path):
    """Writes the model to `path`; returns {"inputs", "outputs"} tensor names of a graph, else None."""
    if entry.kind in ("keras3", "keras3_b1"):
        import keras

        return _build_keras(keras, entry, path)
    if entry.kind == "tf_keras":
        import tf_keras

        return _build_keras(tf_keras, entry, path)
    if entry.kind == "module":
        from models import builders_module

        return getattr(builders_module, entry.builder)(path)
    from models import builders_graph

    return getattr(builders_graph, entry.builder)(path)


def _build_keras(keras, entry, path):
    from models import builders_keras

    keras.utils.set_random_seed(11)
    model = builders_keras.NETWORKS[entry.builder](keras)
    shapes = {x.name.split(":")[0]: ([None] + list(x.shape[1:]), np.dtype(getattr(x.dtype, "name", x.dtype))) for x in model.inputs}
    example = _feed(shapes, 6, entry, np.random.default_rng(1))
    builders_keras.randomise(model, example if len(example) > 1 else next(iter(example.values())))
    if entry.kind == "tf_keras":
        model.save(path)
        return
    signature = None
    if entry.kind == "keras3_b1":
        one = lambda x: keras.InputSpec(shape=(1,) + tuple(x.shape[1:]), dtype=x.dtype, name=x.name)
        inputs = model._inputs_struct
        signature = [{k: one(v) for k, v in inputs.items()} if isinstance(inputs, dict) else one(model.inputs[0])]
    model.export(path, verbose=False, **({"input_signature": signature} if signature else {}))


def _feed(specs, batch, entry, rng):
    """Random arrays for {name: (shape, dtype)}; the first unknown dimension is the batch, integers are small ids."""
    feed = {}
    for name, (shape, dtype) in specs.items():
        shape = [batch if (d is None and i == 0) else entry.dims if d is None else d for i, d in enumerate(shape)]
        if np.issubdtype(dtype, np.floating):
            feed[name] = feeds.floats(rng, shape, *entry.pixels).astype(dtype)
        else:
            feed[name] = rng.integers(0, 20, shape).astype(dtype)
    return feed


def _saved_model_runners(path):
    """{signature: (specs, function from feed to outputs)} of a SavedModel; of a Keras pair only serving_default."""
    import tensorflow as tf

    loaded = tf.saved_model.load(path)
    keys = [k for k in loaded.signatures if not (k == "serve" and "serving_default" in loaded.signatures)]
    runners = {}
    for key in keys:
        fn = loaded.signatures[key]
        specs = {n: (s.shape.as_list(), s.dtype.as_numpy_dtype) for n, s in fn.structured_input_signature[1].items()}

        def run(feed, fn=fn):
            return {n: v.numpy() for n, v in fn(**{n: tf.constant(a) for n, a in feed.items()}).items()}

        run.keep = loaded
        runners[key] = (specs, run)
    return runners


def _graph_runners(path, names, twin):
    """The same for a GraphDef; its only signature is called serving_default."""
    import tensorflow as tf
    from google.protobuf import text_format

    graph_def = tf.compat.v1.GraphDef()
    with open(path, "rb") as file:
        text_format.Parse(file.read(), graph_def) if path.endswith("txt") else graph_def.ParseFromString(file.read())
    graph = tf.Graph()
    with graph.as_default():
        tf.import_graph_def(graph_def, name="")
    tensors = {n: graph.get_tensor_by_name(n + ":0") for n in names["inputs"]}
    specs = {n: (t.shape.as_list(), t.dtype.as_numpy_dtype) for n, t in tensors.items()}

    def run(feed):
        with tf.compat.v1.Session(graph=graph) as session:
            return session.run({n: n + ":0" for n in names["outputs"]}, {tensors[n]: a for n, a in feed.items()})

    return {"serving_default": (specs, twin or run)}


def source_path(name, out):
    entry = MODELS[name]
    return f"{out}/{name}.{entry.extension}" if entry.extension else f"{out}/{name}"


def _reference(name, out, names):
    entry, path = MODELS[name], source_path(name, out)
    if entry.kind == "frozen":
        from models import builders_graph

        runners = _graph_runners(path, names, builders_graph.nhwc_twin(name))
    else:
        runners = _saved_model_runners(path)
    arrays, signatures = {}, {}
    for key, (specs, run) in runners.items():
        for batch in entry.batches:
            feed = _feed(specs, batch, entry, np.random.default_rng(100 + batch))
            result = run(feed)
            arrays.update({f"{key}/b{batch}/in/{n}": a for n, a in feed.items()})
            arrays.update({f"{key}/b{batch}/out/{n}": a for n, a in result.items()})
            if key == "serving_default":
                np.savez(f"{out}/{name}.b{batch}.in.npz", **feed)
                np.savez(f"{out}/{name}.b{batch}.out.npz", **result)
        inputs = {n: [-1 if d is None else d for d in shape] for n, (shape, _) in specs.items()}
        signatures[key] = {"inputs": inputs, "outputs": sorted(result)}
    np.savez(f"{out}/{name}.npz", **arrays)
    return signatures


def build(name, out):
    """Writes one model, its reference outputs and, last of all, its description."""
    entry, path = MODELS[name], source_path(name, out)
    names = _build(entry, path)
    signatures = _reference(name, out, names)
    arguments = [f"--{kind}={','.join(values)}" for kind, values in (names or {}).items()]
    about = {"name": name, "source": os.path.basename(path), "arguments": arguments, "graph": names,
             "signatures": signatures, "batches": list(entry.batches), "fails": entry.fails,
             "dynamic_ops": entry.dynamic_ops, "slices": entry.slices}
    with open(f"{out}/{name}.json.part", "w") as file:
        json.dump(about, file, indent=1)
    os.replace(f"{out}/{name}.json.part", f"{out}/{name}.json")


def main():
    """catalogue.py OUT PEER NAME...: makes what OUT lacks of these models; PEER is 0 or 1."""
    out, with_peer, names = sys.argv[1], sys.argv[2] == "1", sys.argv[3:]
    bad = 0
    for name in names:
        start = time.monotonic()
        try:
            if not os.path.exists(f"{out}/{name}.json"):
                build(name, out)
            if with_peer and not os.path.exists(f"{out}/{name}.tfl.txt"):
                peer.convert_zoo_model(name, out)
            print(f"{name}: made in {time.monotonic() - start:.0f} s", flush=True)
        except Exception:
            bad += 1
            print(f"{name}: FAILED\n{traceback.format_exc(limit=-4)}", flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
