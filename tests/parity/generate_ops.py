"""Writes the op table as models, in the zoo's form: OUT/NAME_s (batch 2) and OUT/NAME_d (unknown batch).

    generate_ops.py OUT SHARE SHARES [PATTERN...]      run by op_parity.py; the only part that needs TensorFlow

Several of these may fill one folder: each takes every SHARES-th case, beginning with number SHARE.
"""

import fnmatch
import inspect
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

import op_cases  # noqa: E402
from support import peer  # noqa: E402


def named(result):
    """Outputs as {name: tensor}; y0, y1... for a tensor or a list."""
    if isinstance(result, dict):
        return result
    results = result if isinstance(result, (list, tuple)) else [result]
    return {f"y{i}": tf.identity(t) for i, t in enumerate(results)}


def plain(tensor):
    """As numpy stores it without pickling."""
    return tensor.numpy() if tensor.dtype != tf.string else np.asarray(tensor.numpy()).astype("S")


def write(case, name, out, batch, batches):
    module = tf.Module()
    state = [case.state()] if case.state else []
    module.state = state
    parameters = list(inspect.signature(case.build).parameters)[len(state):][:len(case.inputs)]
    specs = [i.spec(p, batch) for i, p in zip(case.inputs, parameters)]
    traced = tf.function(lambda *inputs: named(case.build(*state, *inputs)), input_signature=specs, autograph=False)
    concrete = traced.get_concrete_function()
    module.f = traced
    tf.saved_model.save(module, f"{out}/{name}", signatures={"serving_default": concrete})
    arrays = {}
    for size in batches:
        feed = {p: i.array(np.random.default_rng(40 + size), size) for i, p in zip(case.inputs, parameters)}
        result = concrete(*map(tf.constant, feed.values()))
        arrays.update({f"serving_default/b{size}/in/{n}": a for n, a in feed.items()})
        arrays.update({f"serving_default/b{size}/out/{n}": plain(t) for n, t in result.items()})
    np.savez(f"{out}/{name}.npz", **arrays)
    shapes = {p: [-1 if d is None else d for d in s.shape] for p, s in zip(parameters, specs)}
    about = {"name": name, "source": name, "arguments": [], "graph": None, "batches": list(batches), "fails": None,
             "dynamic_ops": True, "slices": True, "emits": list(case.emits),
             "signatures": {"serving_default": {"inputs": shapes, "outputs": sorted(result)}}}
    with open(f"{out}/{name}.json", "w") as file:
        json.dump(about, file, indent=1)


def main():
    out, share, shares, patterns = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:] or ["*"]
    os.makedirs(out, exist_ok=True)
    bad = 0
    for number, case in enumerate(op_cases.all_cases()):
        if number % shares != share or not any(fnmatch.fnmatch(case.name, p) for p in patterns):
            continue
        variants = [("s", 2, (2,))] + ([("d", None, (1, 3))] if case.has_batch() else [])
        for suffix, batch, batches in variants:
            name = f"{case.name}_{suffix}"
            try:
                if not os.path.exists(f"{out}/{name}.json"):
                    write(case, name, out, batch, batches)
                if not os.path.exists(f"{out}/{name}.tfl.txt"):
                    peer.convert_zoo_model(name, out)
            except Exception as error:
                bad += 1
                print(f"{name}: {type(error).__name__}: {str(error)[:500]}", flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
