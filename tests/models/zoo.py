#!/usr/bin/env python3
"""Makes the test models: SavedModels and GraphDefs, with inputs, TensorFlow's outputs and a description.

    zoo.py list [PATTERN...]
    zoo.py build [PATTERN...] --out DIR [--peer]

For a model NAME, DIR gets
    NAME/ or NAME.pb, NAME.pbtxt     the model itself
    NAME.json                        source, CLI arguments, signatures, batch sizes, expectation
    NAME.npz                         SIGNATURE/bN/in/INPUT and SIGNATURE/bN/out/OUTPUT arrays
    NAME.bN.in.npz, NAME.bN.out.npz  the default signature's arrays, as `tflower run` reads and writes them
    NAME.tfl.tflite                  with --peer: what TFLiteConverter makes of it with its defaults
What exists is not made again; delete DIR after a change to a builder.
"""

import argparse
import fnmatch
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from models import catalogue  # noqa: E402


def select(patterns):
    if not patterns:
        return list(catalogue.MODELS)
    chosen = [n for n in catalogue.MODELS if any(fnmatch.fnmatch(n, p) for p in patterns)]
    if not chosen:
        sys.exit(f"zoo.py: no model is named like {' '.join(patterns)}; try `zoo.py list`")
    return chosen


def missing(name, out, peer):
    return not os.path.exists(f"{out}/{name}.json") or (peer and not os.path.exists(f"{out}/{name}.tfl.txt"))


def make(names, out, peer=False):
    """Makes those of `names` that `out` lacks; returns the names that could not be made.

    TensorFlow's own log goes to OUT/build.log. A big model gets a process of its own, so that its memory returns to the system; the small ones share one.
    """
    os.makedirs(out, exist_ok=True)
    pending = [name for name in names if missing(name, out, peer)]
    groups = [[name] for name in pending if catalogue.MODELS[name].big]
    groups += [[name for name in pending if not catalogue.MODELS[name].big]]
    env = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    with open(f"{out}/build.log", "a") as log:
        for group in filter(None, groups):
            command = [sys.executable, catalogue.__file__, out, str(int(peer)), *group]
            subprocess.run(command, env=env, stderr=log, check=False)
    return [name for name in names if missing(name, out, peer)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("action", choices=["list", "build"])
    parser.add_argument("patterns", nargs="*", metavar="PATTERN")
    parser.add_argument("--out", default="build/zoo")
    parser.add_argument("--peer", action="store_true", help="also convert with TFLiteConverter")
    arguments = parser.parse_intermixed_args()
    names = select(arguments.patterns)
    if arguments.action == "list":
        print("\n".join(names))
        return 0
    bad = make(names, arguments.out, arguments.peer)
    print(f"{len(names) - len(bad)} models in {arguments.out}, {len(bad)} failed")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
