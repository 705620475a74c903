#!/usr/bin/env python3
"""Makes the test models: SavedModels and GraphDefs, with inputs, TensorFlow's outputs and a description.

    zoo.py list [PATTERN...]
    zoo.py build [PATTERN...] --out DIR [--jobs N] [--peer]

For a model NAME, DIR gets
    NAME/ or NAME.pb, NAME.pbtxt     the model itself
    NAME.json                        source, CLI arguments, signatures, batch sizes, expectation
    NAME.npz                         SIGNATURE/bN/in/INPUT and SIGNATURE/bN/out/OUTPUT arrays
    NAME.bN.in.npz, NAME.bN.out.npz  the default signature's arrays, as `tflower run` reads and writes them
    NAME.tfl.tflite                  with --peer: what TFLiteConverter makes of it with its defaults
What exists is not made again. A model is made in a process of its own, so memory returns to the system.
"""

import argparse
import fnmatch
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from models import catalogue  # noqa: E402


def select(patterns):
    if not patterns:
        return list(catalogue.MODELS)
    chosen = [n for n in catalogue.MODELS if any(fnmatch.fnmatch(n, p) for p in patterns)]
    if not chosen:
        sys.exit(f"zoo.py: no model is named like {' '.join(patterns)}; try `zoo.py list`")
    return chosen


def make(names, out, peer=False, say=print):
    """Makes those of `names` that `out` lacks; returns the names that could not be made."""
    os.makedirs(out, exist_ok=True)
    bad = []
    for name in names:
        wanted = [f"{out}/{name}.json"] + ([f"{out}/{name}.tfl.txt"] if peer else [])
        if all(map(os.path.exists, wanted)):
            continue
        start = time.monotonic()
        command = [sys.executable, os.path.abspath(catalogue.__file__), name, out] + (["--peer"] if peer else [])
        env = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
        done = subprocess.run(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        say(f"{name}: {'made' if done.returncode == 0 else 'FAILED'} in {time.monotonic() - start:.0f} s", flush=True)
        if done.returncode:
            bad.append(name)
            say("\n".join(done.stdout.splitlines()[-12:]), flush=True)
    return bad


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("action", choices=["list", "build"])
    parser.add_argument("patterns", nargs="*", metavar="PATTERN")
    parser.add_argument("--out", default="build/zoo")
    parser.add_argument("--peer", action="store_true", help="also convert with TFLiteConverter")
    arguments = parser.parse_args()
    names = select(arguments.patterns)
    if arguments.action == "list":
        print("\n".join(names))
        return 0
    bad = make(names, arguments.out, arguments.peer)
    print(f"{len(names) - len(bad)} models in {arguments.out}, {len(bad)} failed")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
