"""`python -m scripts.attacks [--all]`: tries the attacks of docs/attacks.md and says what came of each."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence

from datasources.registry import connector_names
from scripts.contract_run import ROOT, Ended, print_table, run_contracts

_LINE = re.compile(r"^\| (\d+) \| (.+?) \| (.+?) \|$", flags=re.MULTILINE)


def main() -> int:
    """Try them and print the table.

    Returns:
        0; 1 where one got through, or was not tried.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", action="store_true", help="one line for each variant too")
    args = parser.parse_args()
    listed = {int(number): (what, must) for number, what, must in _LINE.findall(_list_of_attacks())}
    ended = run_contracts([f"{ROOT}/tests/contracts", f"{ROOT}/tests/unit"], only_attacks=True)
    print()
    for number, (what, must) in listed.items():
        tried = [each for each in ended if number in each.attacks]
        print(f"{number}  {what}\n    {judge(tried, must)}")
        print_table(("   ", "connectors or part", "tried", "variants", "outcome"), _rows(tried))
        for each in tried if args.all else ():
            print(f"      {each.outcome}: {each.name} {each.variant}")
        print()
    failed = [each for each in ended if each.outcome == "failed"]
    untried = [number for number in listed if not any(number in each.attacks and was_run(each) for each in ended)]
    variants_n = sum(map(was_run, ended))
    print(f"{len(listed) - len(untried)} attacks in {variants_n} variants tried; {len(failed)} got through.")
    return 1 if failed or untried else 0


def judge(tried: Sequence[Ended], must: str) -> str:
    """Return what came of an attack: `must` where it was tried and held; what was only skipped was not tried."""
    if any(each.outcome == "failed" for each in tried):
        return "GOT THROUGH"
    return must if any(map(was_run, tried)) else "NOT TRIED"


def was_run(ended: Ended) -> bool:
    """Return whether a test was more than skipped."""
    return ended.outcome != "skipped"


def _list_of_attacks() -> str:
    return (ROOT / "docs" / "attacks.md").read_text(encoding="utf-8")


def _rows(tried: list[Ended]) -> list[tuple[str, str, str, str, str]]:
    rows = []
    for name in dict.fromkeys(each.name for each in tried):
        own = [each for each in tried if each.name == name and was_run(each)]
        connectors = {each.connector for each in own if each.connector}
        part = "every connector" if connectors == set(connector_names()) else ", ".join(sorted(connectors))
        got_through_n = sum(each.outcome == "failed" for each in own)
        sentence = name.removeprefix("test_").replace("_", " ")
        outcome = f"{got_through_n} GOT THROUGH" if got_through_n else "held" if own else "could not be tried here"
        rows.append(("", part or (own[0].module if own else ""), sentence, str(len(own)), outcome))
    return rows


if __name__ == "__main__":
    sys.exit(main())
