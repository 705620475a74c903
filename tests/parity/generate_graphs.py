"""Writes graph_cases as models with reference results: NAME.pb or NAME/ (SavedModel), NAME.npz (STEP/in|out/...), NAME.json.

    generate_graphs.py OUT [PATTERN...]      run by graph_parity.py; the only part that needs TensorFlow
"""

import fnmatch
import inspect
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2  # noqa: E402

import graph_cases  # noqa: E402
from graph_cases.table import MORE_STEPS, STEPS  # noqa: E402

tf1 = tf.compat.v1


def named(result):
    if isinstance(result, dict):
        return result
    return {f"y{i}": t for i, t in enumerate(result if isinstance(result, list) else [result])}


def feeds(case, names):
    """One {name: array} per step."""
    rng = np.random.default_rng(21)
    scalars = any(i.shape == () for i in case.inputs)
    steps = len(case.order) or case.steps or (MORE_STEPS if scalars else STEPS)
    return [{n: i.make(rng, step) for n, i in zip(names, case.inputs)} for step in range(steps)]


def write_graph(case, out):
    """Builds the graph without control flow v2; returns (arguments, source, order, [(feed, outputs)])."""
    tf1.disable_control_flow_v2()
    names = list(inspect.signature(case.build).parameters)
    with tf.Graph().as_default() as graph, tf1.Session(graph=graph) as session:
        tf1.set_random_seed(5)
        inputs = {n: tf1.placeholder(i.dtype, i.shape, n) for n, i in zip(names, case.inputs)}
        outputs = {k: tf.identity(t, k) for k, t in named(case.build(**inputs)).items()}
        session.run(tf1.global_variables_initializer())
        if case.kind == "saver":
            tf1.saved_model.simple_save(session, f"{out}/{case.name}", inputs, outputs)
            source, arguments = case.name, []
        else:
            frozen = tf1.graph_util.convert_variables_to_constants(session, graph.as_graph_def(), list(outputs))
            source = f"{case.name}.pb"
            tf.io.write_graph(frozen, out, source, as_text=False)
            arguments = ["--inputs", ",".join(inputs), "--outputs", ",".join(outputs)]
        steps = []
        for feed in feeds(case, names):
            if case.refused:
                break
            steps.append((feed, session.run(outputs, {inputs[n]: a for n, a in feed.items()})))
    return arguments, source, ["serving_default"] * len(steps), steps


def write_lowered(case, out):
    names = list(inspect.signature(case.build).parameters)
    specs = [tf.TensorSpec(i.shape, i.dtype, n) for n, i in zip(names, case.inputs)]
    traced = tf.function(lambda *x: {k: tf.identity(t) for k, t in named(case.build(*x)).items()}, input_signature=specs, autograph=False).get_concrete_function()
    frozen = convert_variables_to_constants_v2(traced)
    tf.io.write_graph(frozen.graph, out, f"{case.name}.pb", as_text=False)
    keys = sorted(traced.structured_outputs)
    tensors = dict(zip(keys, (t.name.split(":")[0] for t in frozen.outputs)))
    steps = [(feed, {tensors[k]: t.numpy() for k, t in traced(*map(tf.constant, feed.values())).items()}) for feed in feeds(case, names)]
    return ["--inputs", ",".join(names), "--outputs", ",".join(tensors.values())], f"{case.name}.pb", ["serving_default"] * len(steps), steps


def write_module(case, out):
    made = case.build()
    signatures = {k: f.get_concrete_function() for k, f in made.signatures.items()}
    names = [t.name for t in next(iter(made.signatures.values())).input_signature]
    functions = made.signatures
    del made.signatures
    made.kept = functions
    tf.saved_model.save(made, f"{out}/{case.name}", signatures=signatures)
    loaded = tf.saved_model.load(f"{out}/{case.name}")
    all_feeds = feeds(case, names)
    order = list(case.order) or ["serving_default"] * len(all_feeds)
    steps = [(feed, {k: t.numpy() for k, t in loaded.signatures[key](**{n: tf.constant(a) for n, a in feed.items()}).items()})
             for key, feed in zip(order, all_feeds)]
    return [], case.name, order, steps


def write(case, out):
    writers = {"module": write_module, "lowered": write_lowered, "saver": write_graph, "frozen": write_graph}
    arguments, source, order, steps = writers[case.kind](case, out)
    arrays = {}
    for number, (feed, outputs) in enumerate(steps):
        arrays.update({f"{number}/in/{n}": a for n, a in feed.items()})
        arrays.update({f"{number}/out/{n}": a for n, a in outputs.items()})
    np.savez(f"{out}/{case.name}.npz", **arrays)
    about = {"source": source, "arguments": arguments, "order": order, "refused": list(case.refused), "emits": list(case.emits)}
    with open(f"{out}/{case.name}.json", "w") as file:
        json.dump(about, file, indent=1)


def main():
    out, patterns = sys.argv[1], sys.argv[2:] or ["*"]
    bad = 0
    for case in sorted(graph_cases.CASES, key=lambda case: case.kind in ("frozen", "saver")):
        if not any(fnmatch.fnmatch(case.name, p) for p in patterns) or os.path.exists(f"{out}/{case.name}.json"):
            continue
        try:
            write(case, out)
        except Exception as error:
            bad += 1
            print(f"{case.name}: {type(error).__name__}: {str(error)[:500]}", flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
