#!/usr/bin/env python3
"""Runs the code of docs/recurrent_walkthroughs.md as it stands, section by section. Prints "N passed, N failed".

Blocks of Python share one namespace; blocks of a shell run with the program and its package at hand; blocks that begin with a file's name are
written there. A section passes when nothing in it fails, its assertions among that, and each file that it converts has a fused operator unless the
file is called plain.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import traceback

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from support import tflower_cli  # noqa: E402

PAGE = pathlib.Path(tflower_cli.ROOT) / "docs" / "recurrent_walkthroughs.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILE_NAME = re.compile(r"(?:#|//) (\w+/[\w.]+)\n")
FUSED = re.compile(r"\b(UNIDIRECTIONAL_SEQUENCE_)?LSTM\b")


def sections():
    """(title, [(language, code, line of the page where it begins)]); what stands before the first title belongs to all."""
    text = PAGE.read_text()
    titles = list(re.finditer(r"^## (.*)$", text, flags=re.MULTILINE))
    begins, ends = [0, *(t.end() for t in titles)], [*(t.start() for t in titles), len(text)]
    for title, begin, end in zip(["", *(t[1] for t in titles)], begins, ends):
        yield title, [(m[1], m[2], text.count("\n", 0, m.start(2))) for m in BLOCK.finditer(text, begin, end)]


def run_shell(code, environment):
    done = subprocess.run(["bash", "-e"], input=code, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, f"{code}\n{done.stdout}\n{done.stderr}"
    for output in re.findall(r"-o (\w+)\.tflite", code):
        told = tflower_cli.call("inspect", f"{output}.tflite").stdout
        assert (output == "plain") == (FUSED.search(told) is None), told
        assert "WHILE" not in told, told


def run_section(blocks, names, environment):
    for language, code, line in blocks:
        file = FILE_NAME.match(code)
        if language == "python":
            exec(compile("\n" * line + code, str(PAGE), "exec"), names)  # noqa: S102: the page is ours
        elif language == "sh":
            run_shell(code, environment)
        else:
            assert file, f"a block of {language} without a file's name"
            os.makedirs(os.path.dirname(file[1]), exist_ok=True)
            pathlib.Path(file[1]).write_text(code)


def main():
    binary = pathlib.Path(tflower_cli.binary()).resolve()
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        package = os.path.join(folder, "package")
        subprocess.run(["cmake", "--install", binary.parent.parent, "--prefix", package], check=True, capture_output=True)
        environment = {**os.environ, "PATH": f"{binary.parent}{os.pathsep}{os.environ['PATH']}", "CMAKE_PREFIX_PATH": package}
        os.chdir(folder)
        names = {"__name__": "walkthrough"}
        for title, blocks in sections():
            assert blocks, f"'{title}' has no code"
            try:
                run_section(blocks, names, environment)
                passed += title != ""
            except Exception:  # noqa: BLE001: whatever the page's code raises is its failure
                traceback.print_exc(file=sys.stdout)
                print(f"failed   {title}")
                failed += 1
        os.chdir("/")
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
