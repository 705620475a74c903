#!/usr/bin/env python3
"""docs/security.md names a test for each class of published advisories: the classes are all there, and the tests exist."""

import pathlib
import re
import sys

CLASSES = 63
ROW = re.compile(r"^\| ([\d, to]+) \| (.*?) \| (.*) \|$", re.M)


def numbers(text):
    for part in text.split(","):
        first, _, last = part.strip().partition(" to ")
        yield from range(int(first), int(last or first) + 1)


def main(root):
    page = (root / "docs/security.md").read_text(encoding="utf-8")
    sources = "\n".join(path.read_text(encoding="utf-8") for suffix in ("h", "cc", "py") for path in sorted((root / "tests").rglob(f"*.{suffix}")) if path != pathlib.Path(__file__))
    seen, broken = set(), []
    for classes, what, tests in ROW.findall(page):
        seen.update(numbers(classes))
        for name in re.findall(r'"([^"]+)"', tests):
            if name not in sources:
                broken.append(f"{classes} ({what}): there is no test '{name}'")
    broken += [f"class {n} is missing" for n in range(1, CLASSES + 1) if n not in seen]
    print("\n".join(broken) or f"{len(seen)} classes, each with its tests")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve()))
