"""The symbol graphs of the library: what the compiler knows of its public declarations. Needs the debug build."""

import json
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".build/symbol-graphs"


def output_of(*command):
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


def extract():
    """Reads the graphs of all library modules.

    The result has a list for each module: the graph of its own types, then those of its extensions of other modules.
    """
    package = json.loads(output_of("swift", "package", "dump-package"))
    libraries = [product for product in package["products"] if "library" in product["type"]]
    modules = sorted({target for library in libraries for target in library["targets"]})
    folders = [target["path"] for target in package["targets"] if target["type"] == "system"]
    folders.append(output_of("swift", "build", "--show-bin-path").strip() + "/Modules")
    triple = json.loads(output_of("swift", "-print-target-info"))["target"]["unversionedTriple"]
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path in FOLDER.glob("*.json"):
        path.unlink()
    graphs = {}
    for module in modules:
        command = ["swift", "symbolgraph-extract", "-module-name", module, "-target", triple]
        command += ["-minimum-access-level", "public", "-skip-synthesized-members", "-output-dir", str(FOLDER)]
        for folder in folders:
            command += ["-I", folder]
        output_of(*command)
        paths = [FOLDER / f"{module}.symbols.json", *sorted(FOLDER.glob(f"{module}@*.symbols.json"))]
        graphs[module] = [json.loads(path.read_text()) for path in paths]
    return graphs
