#!/usr/bin/env python3
"""Who may include whom: folders are layers, and plugins see the sdk alone. And who may print: programs, never a library. Prints each line that
breaks a rule."""

import pathlib
import re
import sys

INCLUDE = re.compile(r'^\s*#include\s+[<"]([^>"]+)[>"]', re.M)

# Folder -> headers that it must not include, as regular expressions on the include's text.
LAYERS = {
    "sdk/include": r"(registry|runtime|framework|import|ir|lower|rules|export|boost|nlohmann|fmt|google|flatbuffers|hwy)/",
    "registry": r"(runtime|framework|import|ir|lower|rules|export|google|hwy|plugins)/",
    "runtime": r"(framework|import|ir|lower|rules|export|google|hwy|plugins)/",
    "framework/import": r"(runtime|registry|ir|lower|rules|export|cli|hwy|plugins)/",
    "framework": r"(hwy|plugins)/",
    "plugins": r"(registry|runtime|framework|import|ir|lower|rules|export|boost|nlohmann|fmt|google|flatbuffers)/",
    "rnn_adapters": r"(registry|runtime|framework|import|ir|lower|export|boost|nlohmann|fmt|google|flatbuffers|hwy)/",
}
ONLY_CLI = re.compile(r"^cli/")
QUIET = ("sdk/include", "registry", "runtime", "plugins", "rnn_adapters")
PRINTS = re.compile(r"\bstd::(cout|cerr|clog)\b|(?<![\w.>])(std::)?v?f?printf\s*\(|(?<![\w.>])(std::)?(f?puts|perror|putchar|fputc)\s*\(|\b(fmt|std)::print(ln)?\s*\(|\b(stdout|stderr)\b")
COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.S)


def printing(root):
    for folder in QUIET:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix not in {".h", ".cc"} or "tools" in path.parts or "examples" in path.parts:
                continue
            for match in PRINTS.finditer(COMMENT.sub("", path.read_text(encoding="utf-8"))):
                yield f"{path.relative_to(root)}: prints: {match.group(0)}"


def main(root):
    broken = []
    for folder, forbidden in LAYERS.items():
        pattern = re.compile("^" + forbidden)
        for path in sorted((root / folder).rglob("*")):
            if path.suffix not in {".h", ".cc"}:
                continue
            for header in INCLUDE.findall(path.read_text(encoding="utf-8")):
                below_cli = folder == "framework" and "cli" not in path.relative_to(root).parts and ONLY_CLI.match(header)
                if pattern.match(header) or below_cli:
                    broken.append(f"{path.relative_to(root)}: includes {header}")
    broken += printing(root)
    print("\n".join(broken) or "layering holds")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
