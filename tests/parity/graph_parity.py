#!/usr/bin/env python3
"""Whole graphs of TF1 (loops and conditionals of Switch and Merge) and models with state, step by step in TensorFlow, LiteRT and tflower.

    graph_parity.py [PATTERN...] [--models DIR] [--no-make]

Each case of graph_cases/ is run several times in one session; every step must agree. Prints what did not pass and "N passed, N failed".
The program is $TFLOWER, else the release build's.
"""

import argparse
import fnmatch
import glob
import json
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import numpy as np  # noqa: E402

from support import accuracy, generator, isolated, litert, tflite_file, tflower_cli  # noqa: E402


def generate(folder, patterns):
    """In a process of its own: TensorFlow and LiteRT do not share one well."""
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "generate_graphs.py")
    return generator.run(script, folder, *patterns)[1]


def load(folder, name):
    """The description, and for each step (signature, feed, outputs)."""
    with open(f"{folder}/{name}.json") as file:
        about = json.load(file)
    with np.load(f"{folder}/{name}.npz") as file:
        arrays = dict(file)
    side = lambda step, which: {k.split("/", 2)[2]: v for k, v in arrays.items() if k.startswith(f"{step}/{which}/")}
    return about, [(key, side(step, "in"), side(step, "out")) for step, key in enumerate(about["order"])]


def in_litert(tflite, steps):
    runner = litert.Runner(tflite)
    runners = {key: runner.interpreter.get_signature_runner(key) for key in runner.signatures}
    return [{k: np.array(v) for k, v in runners[key](**feed).items()} for key, feed, _ in steps]


def in_tflower(tflite, steps, scratch):
    """All steps of one signature in one call of `tflower run --steps`."""
    if len({key for key, _, _ in steps}) != 1:
        return None  # one call runs one signature
    if any(len({outputs[n].shape for _, _, outputs in steps}) > 1 for n in steps[0][2]):  # cannot be stacked
        return [in_tflower(tflite, [step], scratch)[0] for step in steps]
    names = steps[0][1]
    np.savez(f"{scratch}/in.npz", **{n: np.stack([feed[n] for _, feed, _ in steps]) for n in names})
    result, arrays = tflower_cli.run(tflite, f"{scratch}/in.npz", f"{scratch}/out.npz", "--steps", "--signature", steps[0][0])
    if result.code:
        raise RuntimeError(result.error())
    return [{n: a[i] for n, a in arrays.items()} for i in range(len(steps))]


def compare(steps, results):
    for number, ((_, _, wanted), got) in enumerate(zip(steps, results)):
        if text := accuracy.all_differences(wanted, got):
            return f"step {number}: {text}"
    return None


def judge(folder, name, scratch):
    """(check, what is wrong), or None."""
    about, steps = load(folder, name)
    tflite = f"{scratch}/model.tflite"
    if os.path.exists(tflite):
        os.remove(tflite)
    result = tflower_cli.convert(f"{folder}/{about['source']}", tflite, *about["arguments"])
    if about["refused"]:
        missing = [word for word in about["refused"] if word not in result.stderr]
        ok = result.code == 1 and not missing and not os.path.exists(tflite)
        return None if ok else ("refusal", f"exit code {result.code}, without {missing}: {result.stderr[-600:]}")
    if result.code:
        return "convert", result.error()
    if about.get("emits"):
        counts = tflite_file.read(tflite).op_counts()
        if any(op not in counts for op in about["emits"]) or "WHILE" in counts:
            return "operators", str(dict(counts))
    try:
        text = compare(steps, isolated.call(in_litert, tflite, steps))
    except isolated.Failed as error:
        text = str(error)
    if text:
        return "litert", text
    try:
        results = in_tflower(tflite, steps, scratch)
    except RuntimeError as error:
        return "run", str(error)
    text = compare(steps, results) if results else None
    return ("run", text) if text else None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("patterns", nargs="*", metavar="PATTERN")
    parser.add_argument("--models", default=os.path.join(tflower_cli.ROOT, "build", "graph_zoo"))
    parser.add_argument("--no-make", action="store_true", help="judge what DIR holds")
    arguments = parser.parse_intermixed_args()
    tflower_cli.binary()
    os.makedirs(arguments.models, exist_ok=True)
    failures = [] if arguments.no_make else [f"make: {line}" for line in generate(arguments.models, arguments.patterns)]
    names = sorted(os.path.basename(path)[:-5] for path in glob.glob(f"{arguments.models}/*.json"))
    names = [n for n in names if not arguments.patterns or any(fnmatch.fnmatch(n, p) for p in arguments.patterns)]
    failures = failures or [f"make: {line}" for line in generator.unmatched(arguments.patterns or ["*"], names)]
    passed = 0
    with tempfile.TemporaryDirectory() as scratch:
        for name in names:
            wrong = judge(arguments.models, name, scratch)
            passed += wrong is None
            if wrong:
                failures.append(f"{wrong[0]:8} {name:32} {wrong[1][:700]}")
                print(failures[-1], flush=True)
    print("\n".join(f for f in failures if f.startswith("make:")))
    print(f"{passed} passed, {len(failures)} failed")
    return 1 if failures or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
