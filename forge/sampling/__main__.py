"""`python -m forge.sampling write` writes the golden files; `check` tells whether they are what would be written.

A check allows for rounding: torch's square roots and logarithms differ between processors.
"""

import argparse
import json
import sys

from forge.paths import REPO
from forge.sampling.goldens import golden_files
from forge.sampling.numbers import differences

FOLDER = REPO / "src" / "core" / "sampling" / "goldens"


def write() -> int:
    FOLDER.mkdir(exist_ok=True)
    for name, content in golden_files().items():
        (FOLDER / name).write_text(json.dumps(content, separators=(",", ":")) + "\n")
        print(f"{name}: {(FOLDER / name).stat().st_size} bytes")
    return 0


def check() -> int:
    expected = golden_files()
    faults = [f"{path.name} is not a golden file" for path in FOLDER.glob("*.json") if path.name not in expected]
    for name, content in expected.items():
        path = FOLDER / name
        if not path.exists():
            faults.append(f"{name} is missing")
            continue
        faults += [f"{name}: {fault}" for fault in differences(json.loads(path.read_text()), content)]
    for fault in faults[:20]:
        print(fault)
    print(f"{len(expected)} golden files, {len(faults)} differences")
    return 1 if faults else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m forge.sampling", description=__doc__)
    parser.add_argument("verb", choices=["write", "check"])
    sys.exit(write() if parser.parse_args().verb == "write" else check())
