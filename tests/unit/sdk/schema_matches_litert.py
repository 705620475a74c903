"""Compares sdk/schema/tflite.fbs with the installed ai_edge_litert's reading of the format; exit 77 if not installed.

Checked: enum values; union members in order; every table's slots, their names (up to underscores), type widths and
defaults. Usage: schema_matches_litert.py tflite.fbs
"""
import importlib.util
import os
import re
import sys

WIDTHS = {"bool": "Bool", "byte": "Int8", "ubyte": "Uint8", "short": "Int16", "ushort": "Uint16", "int": "Int32",
          "int32": "Int32", "uint": "Uint32", "long": "Int64", "ulong": "Uint64", "float": "Float32"}
OFFSET = "UOffsetTRelative"


def module_text():
    # The package itself is not imported: only this file's text is wanted, not its native libraries.
    spec = importlib.util.find_spec("ai_edge_litert")
    if spec is None:
        print("ai_edge_litert is not installed")
        sys.exit(77)
    with open(os.path.join(spec.submodule_search_locations[0], "schema_py_generated.py")) as file:
        return file.read()


def camel(name):
    return "".join(word[:1].upper() + word[1:] for word in name.split("_"))


def read_module(text):
    """Enums as {name: {value name: value}}; tables as {name: (slot count, {slot: (Name, width, default)})}."""
    enums, tables, elements = {}, {}, {}
    for body in re.split(r"(?m)^class ", text)[1:]:
        name = re.match(r"(\w+)\(", body).group(1)
        if "__slots__" not in body:
            if "def __init__" not in body:
                enums[name] = {k: int(v) for k, v in re.findall(r"(?m)^    (\w+) = (-?\d+)$", body)}
            continue
        count = int(re.search(rf"def {name}Start\(builder\):\s+builder\.StartObject\((\d+)\)", body).group(1))
        adds = re.findall(rf"def {name}Add(\w+)\(.*\n    builder\.Prepend(\w+)Slot\((\d+), .*, (.*)\)", body)
        tables[name] = (count, {int(slot): (field, width, float(default)) for field, width, slot, default in adds})
        vectors = rf"def {name}Start(\w+)Vector\(builder, numElems\):\s+return builder\.StartVector\((\d+)"
        for field, size in re.findall(vectors, body):
            elements[name, field] = int(size)
    return enums, tables, elements


def read_schema(text):
    text = re.sub(r"//.*", "", text)
    enums, tables, elements, widths = {}, {}, {}, {}
    for name, width, body in re.findall(r"enum (\w+) : (\w+) \{([^}]*)\}", text):
        enums[name] = {k: int(v) for k, v in re.findall(r"(\w+) = (-?\d+)", body)}
        widths[name] = WIDTHS[width]
    unions = set()
    for name, body in re.findall(r"union (\w+) \{([^}]*)\}", text):
        enums[name] = {k: i for i, k in enumerate(["NONE"] + re.findall(r"\w+", body))}
        unions.add(name)
    sizes = {"Bool": 1, "Int8": 1, "Uint8": 1, "Int16": 2, "Uint16": 2, "Int64": 8}  # 4 for all others, offsets too
    for name, body in re.findall(r"table (\w+) \{([^}]*)\}", text):
        slots, slot = {}, 0
        for field, kind, default, attribute in re.findall(r"(\w+): ([\w\[\]]+)(?: = (\S+?))?(?: \((.*?)\))?;", body):
            if kind in unions:
                slots[slot] = (camel(field) + "Type", "Uint8", 0.0)
                slot += 1
            if attribute != "deprecated":
                width = widths.get(kind) or WIDTHS.get(kind, OFFSET)
                number = enums.get(kind, {"true": 1, "": 0}).get(default or "", default or 0)
                slots[slot] = (camel(field), width, float(number))
                if kind.startswith("["):
                    item = kind[1:-1]
                    elements[name, camel(field)] = sizes.get(widths.get(item) or WIDTHS.get(item), 4)
            slot += 1
        tables[name] = (slot, slots)
    return enums, tables, elements


def main():
    litert = read_module(module_text())
    with open(sys.argv[1]) as file:
        ours = read_schema(file.read())
    differences = []
    for kind, theirs, own in zip(("enum", "table", "vector element size"), litert, ours):
        for key in sorted(set(theirs) | set(own), key=str):
            if theirs.get(key) != own.get(key):
                differences.append(f"{kind} {key}: litert {theirs.get(key)}, ours {own.get(key)}")
    print("\n".join(differences) or "same: {} enums and unions, {} tables, {} vectors".format(*map(len, ours)))
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
