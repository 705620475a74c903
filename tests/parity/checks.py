"""What is checked of one model: each check returns None or says what is wrong.

A subject is a model of the zoo (its NAME.json and arrays in `folder`) and the .tflite file that is judged.
"""

import dataclasses
import functools
import json
import os

import numpy as np

from support import accuracy, isolated, litert, tflite_file, tflower_cli

RECURRENT_TOLERANCE = 1e-5
SHAPE_ARITHMETIC = {"SHAPE", "PACK", "STRIDED_SLICE"}


@dataclasses.dataclass
class Subject:
    folder: str
    about: dict
    tflite: str
    scratch: str
    tflower: bool = True  # False: the file is the peer's, so what only tflower can do is left out

    @functools.cached_property
    def model(self):
        return tflite_file.read(self.tflite)

    @functools.cached_property
    def peer(self):
        """TFLiteConverter's file of the same model, or None where it could not convert it."""
        path = f"{self.folder}/{self.about['name']}.tfl.tflite"
        return tflite_file.read(path) if os.path.exists(path) else None

    @functools.cached_property
    def arrays(self):
        with np.load(f"{self.folder}/{self.about['name']}.npz") as arrays:
            return dict(arrays)

    def part(self, signature, batch, side):
        """{name: array} of one side ("in" or "out") of a reference run."""
        prefix = f"{signature}/b{batch}/{side}/"
        return {key.removeprefix(prefix): array for key, array in self.arrays.items() if key.startswith(prefix)}

    def runs(self):
        """Each reference run once; what has state that must not last, twice."""
        once = [(signature, batch) for signature in self.about["signatures"] for batch in self.about["batches"]]
        return once + once if self.about.get("emits") else once

    def is_graph(self):
        return self.about["graph"] is not None


def load_about(folder, name):
    with open(f"{folder}/{name}.json") as file:
        return json.load(file)


def convert(subject):
    if os.path.exists(subject.tflite):
        os.remove(subject.tflite)
    result = tflower_cli.convert(f"{subject.folder}/{subject.about['source']}", subject.tflite, *subject.about["arguments"])
    return result, result.error() or (None if os.path.exists(subject.tflite) else "exit code 0, but no file")


def refusal(subject, result):
    """An op that nobody covers: exit code 1, every failing node listed, the last line is the error, no file."""
    found = [] if result.code == 1 else [f"exit code {result.code} instead of 1"]
    found += [f"'{word}' is not named" for word in subject.about["fails"] if word not in result.stderr]
    found += [] if result.last_line().startswith("error") else [f"last line is '{result.last_line()}'"]
    found += ["an output file exists"] if os.path.exists(subject.tflite) else []
    return "; ".join(found) or None


def operators(subject):
    """No more operators than the peer's file, builtins only, no shape arithmetic for an unknown batch."""
    counts = subject.model.op_counts()
    found = [f"custom operator {o.custom_code}" for s in subject.model.subgraphs for o in s.operators if o.custom_code]
    if subject.tflower and not subject.about["dynamic_ops"]:
        banned = {"SHAPE"} if subject.about["slices"] else SHAPE_ARITHMETIC
        found += [f"{counts[op]} x {op}" for op in sorted(banned & set(counts))]
    emits = subject.about.get("emits", []) if subject.tflower else []
    found += [f"no {op}" for op in emits if op not in counts]
    found += [f"{counts[op]} x {op}" for op in ("WHILE",) if emits and op in counts and op not in emits]
    if emits:
        return "; ".join(found) or None  # the peer's recurrent operators keep their state, so it has none that fill it
    if subject.peer and subject.model.op_total() > subject.peer.op_total():
        found.append(f"{subject.model.op_total()} operators, TFLiteConverter has {subject.peer.op_total()}: {_surplus(subject)}")
    return "; ".join(found) or None


def _surplus(subject):
    ours, theirs = subject.model.op_counts(), subject.peer.op_counts()
    more = {op: n - theirs.get(op, 0) for op, n in ours.items() if n > theirs.get(op, 0)}
    return " ".join(f"{op} +{n}" for op, n in sorted(more.items()))


def interface(subject):
    """Signatures, their input and output names, and the inputs' shape signatures are the source model's."""
    if subject.is_graph():
        return _graph_interface(subject)
    wanted, have = subject.about["signatures"], subject.model.signatures
    if sorted(wanted) != sorted(have):
        return f"signatures {sorted(have)} instead of {sorted(wanted)}"
    found = []
    for key, signature in have.items():
        tensors = subject.model.subgraphs[signature.subgraph].tensors
        shapes = {name: list(tensors[index].shape_signature) for name, index in signature.inputs.items()}
        if shapes != wanted[key]["inputs"]:
            found.append(f"{key}: inputs {shapes} instead of {wanted[key]['inputs']}")
        if sorted(signature.outputs) != wanted[key]["outputs"]:
            found.append(f"{key}: outputs {sorted(signature.outputs)} instead of {wanted[key]['outputs']}")
    return "; ".join(found) or None


def _graph_interface(subject):
    graph = subject.model.subgraphs[0]
    names = lambda indices: [litert.plain_name(graph.tensors[i].name) for i in indices]
    have = {"inputs": names(graph.inputs), "outputs": names(graph.outputs)}
    shapes = [list(graph.tensors[i].shape_signature) for i in graph.inputs]
    wanted = list(subject.about["signatures"]["serving_default"]["inputs"].values())
    if have != subject.about["graph"]:
        return f"{have} instead of {subject.about['graph']}"
    return None if shapes == wanted else f"input shapes {shapes} instead of {wanted}"


def in_litert(subject):
    """Stock LiteRT agrees with TensorFlow, at each batch size, in one interpreter that is resized between runs."""
    runs = subject.runs()
    feeds = [(signature, subject.part(signature, batch, "in")) for signature, batch in runs]
    try:
        results = isolated.call(litert.run_all, subject.tflite, feeds)
    except isolated.Failed as error:
        return str(error)
    return _compare(subject, runs, results)


def in_tflower(subject):
    """`tflower run` agrees with TensorFlow, at each batch size; where state must not last, in the second of two steps."""
    results, again = [], bool(subject.about.get("emits"))
    inputs, outputs = f"{subject.scratch}/in.npz", f"{subject.scratch}/out.npz"
    for signature, batch in subject.runs():
        feed = subject.part(signature, batch, "in")
        np.savez(inputs, **({name: np.stack([a, a]) for name, a in feed.items()} if again else feed))
        choice = ([] if subject.is_graph() else ["--signature", signature]) + (["--steps"] if again else [])
        result, arrays = tflower_cli.run(subject.tflite, inputs, outputs, *choice)
        if result.code:
            return f"{signature} batch {batch}: {result.error()}"
        results.append({name: a[1] for name, a in arrays.items()} if again else arrays)
    return _compare(subject, subject.runs(), results)


def _compare(subject, runs, results):
    tolerance = RECURRENT_TOLERANCE if subject.about.get("emits") else accuracy.TOLERANCE
    for (signature, batch), result in zip(runs, results):
        text = accuracy.all_differences(subject.part(signature, batch, "out"), result, tolerance)
        if text:
            return f"{signature} batch {batch}: {text}"
    return None


def inspected(subject):
    """`tflower inspect --json` tells what the flatbuffer holds."""
    shown = tflower_cli.inspect(subject.tflite)
    ops = [[(o["op"], o["version"]) for o in s["operators"]] for s in shown["subgraphs"]]
    wanted = [[(o.op, o.version) for o in s.operators] for s in subject.model.subgraphs]
    if ops != wanted:
        return "operators differ from the file's"
    if len(shown["subgraphs"][0]["tensors"]) != len(subject.model.subgraphs[0].tensors):
        return "tensors differ from the file's"
    keys = sorted(s["key"] if isinstance(s, dict) else s for s in shown["signatures"])
    return None if keys == sorted(subject.model.signatures) else f"signatures {keys}"


CHECKS = {"operators": operators, "interface": interface, "litert": in_litert, "run": in_tflower, "inspect": inspected}
PEER_CHECKS = ("operators", "interface", "litert")


def judge(subject):
    """Yields (check name, None or what is wrong); the first is the conversion."""
    if subject.tflower:
        result, error = convert(subject)
        if subject.about["fails"] is not None:
            yield "refusal", refusal(subject, result)
            return
        yield "convert", error
        if error:
            return
    for name in CHECKS if subject.tflower else PEER_CHECKS:
        try:
            yield name, CHECKS[name](subject)
        except Exception as error:  # a check that cannot be made is a failed check
            yield name, f"{type(error).__name__}: {error}"
