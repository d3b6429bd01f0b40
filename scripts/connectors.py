"""`python -m scripts.connectors`: all connectors, and what the contract suite says of each.

Everything in it is found by looking: connectors by their folders, family and protocol on their quality cards, cases
by running the suite, twins by the sources files beside the connectors.
"""

from __future__ import annotations

import sys
import tomllib
from collections import Counter

from datasources.registry import SIMULATOR, connector_names
from scripts.contract_run import ROOT, print_table, run_contracts
from svodka.profiles.reader import load_sources


def main() -> int:
    """Run the suite and print the table.

    Returns:
        0; 1 where a case failed or a connector has none.
    """
    ended = run_contracts([f"{ROOT}/tests/contracts"], only_attacks=False)
    counts = {name: Counter(each.outcome for each in ended if each.connector == name) for name in connector_names()}
    rows = []
    for name, count in counts.items():
        card = tomllib.loads((ROOT / "datasources" / name / "manifest.toml").read_text(encoding="utf-8"))
        run_n = count.total() - count["skipped"]
        skipped = f", {count['skipped']} do not apply" if count["skipped"] else ""
        rows.append(
            (name, card["family"], card["protocol"], f"{count['passed']} of {run_n}{skipped}", _twin(name, card))
        )
    print()
    print_table(("connector", "family", "protocol", "cases passed", "simulator twin"), rows)
    for each in ended:
        if each.outcome == "failed":
            print(f"failed: {each.connector}: {each.name}[{each.variant}]")
    return 0 if all(count["passed"] and not count["failed"] for count in counts.values()) else 1


def _twin(name: str, card: dict[str, str]) -> str:
    path = ROOT / "datasources" / name / "twin.toml"
    if not path.is_file():
        return f"none: {card.get('no_twin', 'nobody made one')}"
    return ", ".join(source.url.removeprefix(SIMULATOR) for source in load_sources(path))


if __name__ == "__main__":
    sys.exit(main())
