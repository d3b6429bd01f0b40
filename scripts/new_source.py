"""`python -m scripts.new_source NAME`: a new connector that works and is tested, to be changed into the one you need.

Most systems need none: tables and lists of JSON or XML are described in a sources file (docs/connecting.md).
"""

from __future__ import annotations

import argparse
import keyword
import re
import sys
from pathlib import Path
from string import Template

ROOT = Path(__file__).resolve().parents[1]
_FILES = Path(__file__).with_name("new_source_files")
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_MAX_NAME_CHARS = 30
_SHOWN_CHARS = 16


class UnusableNameError(Exception):
    """No connector can be made under that name; the message says why."""


def make_source(name: str, root: Path) -> list[Path]:
    """Write folder and case of a connector.

    Args:
        name: Of the connector, as sources files will say it.
        root: The project's folder.

    Returns:
        The files that were written.

    Raises:
        UnusableNameError: The name cannot be used, or is taken.
    """
    check_name(name, root)
    words = {"name": name, "case": name.replace("_", "-"), "shown": name[:_SHOWN_CHARS]}
    written = []
    for template in sorted(_FILES.rglob("*.template")):
        is_case = template.parent.name == "cases"
        folder = root / "tests/contracts/cases" / words["case"] if is_case else root / "datasources" / name
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / template.name.removesuffix(".template")
        path.write_text(Template(template.read_text(encoding="utf-8")).substitute(words), encoding="utf-8")
        written.append(path)
    return written


def check_name(name: str, root: Path) -> None:
    """See that a name can be used and is free.

    Raises:
        UnusableNameError: It is not.
    """
    if not _NAME.fullmatch(name) or len(name) > _MAX_NAME_CHARS or keyword.iskeyword(name):
        message = f"{name!r}: a name is small Latin letters, figures and single _, at most {_MAX_NAME_CHARS} in all."
        raise UnusableNameError(message)
    for folder in (root / "datasources" / name, root / "tests/contracts/cases" / name.replace("_", "-")):
        if folder.exists():
            message = f"{folder.relative_to(root)} is there already: choose another name, or take that folder away."
            raise UnusableNameError(message)


def main() -> int:
    """Make it and say what comes next.

    Returns:
        0; 2 where the name cannot be used.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", help="of the connector and its folder, for example city_desk")
    name = parser.parse_args().name
    try:
        written = make_source(name, ROOT)
    except UnusableNameError as error:
        print(f"new_source: {error}", file=sys.stderr)
        return 2
    case = name.replace("_", "-")
    print(*(f"wrote {path.relative_to(ROOT)}" for path in written), sep="\n")
    print(f"""
It reads a small JSON list and passes the contract suite as it is:
    python -m pytest tests/contracts -k {case}
Next:
1. tests/contracts/cases/{case}/: page.json as your system answers (invented people, no real words), expected.toml
   what must come of it. The suite fails now.
2. datasources/{name}/: params.py, client.py and normalise.py until it passes. Only the toolkit asks the network.
3. manifest.toml and README.md: protocol, document and date it was read in, what is stored and what is not; twin.toml
   where the simulator speaks it. Then `python -m scripts.connectors` lists it; a source says connector = "{name}".""")
    return 0


if __name__ == "__main__":
    sys.exit(main())
