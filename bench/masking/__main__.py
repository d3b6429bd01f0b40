"""What masks hide and what they leave: `python -m bench.masking [--quick] [--data FOLDER] [--sample N FILE]`.

Real citizens' texts (../shared/data/appeals-ru, elsewhere with --data) get invented personal data planted into them, in
plain and in hostile spellings; recall is the share of data of which no letter or digit stays. Decoys (streets, dates,
sums, houses) are planted too, and must stay. Time is per text and per megabyte of text made to be slow.
`--sample` writes what was masked in texts as they came, for a reader: nothing but eyes can tell whether that was right.
`--quick`, or without the texts: a few invented ones, and it is said.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import re
import statistics
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from bench.masking.people import DECOYS, KINDS, Speller
from bench.spans import format_table
from svodka.domain.codec import encode_text
from svodka.domain.masking import find_personal, mask
from svodka.domain.plain import plain_text

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
TEXTS_N, QUICK_TEXTS_N = 10_000, 1_000
HOSTILE_SHARE = 0.3
DECOYS_KEPT_MIN = 0.99
MEGABYTE_MAX_S = 20.0
GROWTH_MAX = 8.0  # four times the text may take eight times as long: noise of a busy machine, not its square
SLOW = ("8 9", "1-", "+7", "a@a.", "кв ", "ул. а ", "Иван Иванов ", "И.", "меня зовут ", "[id1|", "<a ", "\u0301")
_SENTENCE_END = re.compile(r"[а-яё]{4}[.!?]+ (?=[А-ЯЁ])")
INVENTED = (
    "Здравствуйте! Во дворе дома 5 по ул. Мира третью неделю не вывозят мусор. Прошу принять меры.",
    "На перекрёстке Ленина и Кирова не работает светофор. Когда починят?",
    "Нет горячей воды с 12.05.2026. Управляющая компания не отвечает. Спасибо.",
    "Яма на дороге у школы 14, машины объезжают по тротуару! Дети ходят в школу. Сколько можно?",
)


def main() -> int:
    """Measure and print; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA, help="folder with appeals-ru/")
    parser.add_argument("--quick", action="store_true", help="invented texts, a tenth of the number")
    parser.add_argument(
        "--sample", nargs=2, metavar=("N", "FILE"), help="write what was masked in N texts as they came"
    )
    parser.add_argument("--misses", type=int, default=0, help="print so many spellings that stayed")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    texts = [] if args.quick else load_texts(args.data)
    if not texts:
        print("texts: invented (the real ones are absent)" if not args.quick else "texts: invented (--quick)")
    if args.sample:
        write_sample(texts or list(INVENTED), int(args.sample[0]), Path(args.sample[1]), args.seed)
    rng = random.Random(args.seed)  # noqa: S311 - the same every time, nothing secret
    planted_n = QUICK_TEXTS_N if args.quick else TEXTS_N
    found, misses = measure_recall(texts or list(INVENTED), planted_n, rng)
    for kind, spelling in misses[: args.misses]:
        print(f"stayed: {kind}: {spelling}")
    decoys, lost = measure_decoys(texts or list(INVENTED), planted_n // 5, rng)
    for decoy in lost[: args.misses]:
        print(f"masked: {decoy}")
    figures: dict[str, Any] = {
        "texts": planted_n,
        "real_texts": len(texts),
        "recall": {kind: recall_of(found, kind) for kind in KINDS},
        "decoys_kept": decoys,
        "masked_per_1000_texts": count_masked(texts or list(INVENTED)),
        **measure_time(texts or list(INVENTED), 250_000 if args.quick else 1_000_000),
    }
    broken = judge(figures)
    rows = [
        (
            kind,
            spelling,
            str(found[kind, spelling, True] + found[kind, spelling, False]),
            f"{share(found, kind, spelling):.4f}",
        )
        for kind in KINDS
        for spelling in ("plain", "hostile")
    ]
    print(format_table(("kind", "spelling", "planted", "masked"), rows))
    print(f"decoys kept {decoys:.4f}; {figures['us_per_text_median']} µs a text (p99 {figures['us_per_text_p99']})")
    for one in broken:
        print(f"not within its bound: {one}")
    print(encode_text({"bench": "masking", "ok": not broken, "figures": figures}))
    return 1 if broken else 0


def load_texts(data: Path) -> list[str]:
    """Return the real texts as they are stored, or none where they are absent."""
    folder = data / "appeals-ru"
    kursk, perm = folder / "kursk_appeals_train.csv", folder / "perm_cur_texts_1000.jsonl"
    if not (kursk.exists() and perm.exists()):
        return []
    with kursk.open(encoding="utf-8", newline="") as file:
        texts = [row["Текст Сообщения"] for row in csv.DictReader(file)]
    with perm.open(encoding="utf-8") as file:
        texts += [json.loads(line)["text"] for line in file]
    return [plain_text(text) for text in texts]


def plant(text: str, spelled: str, rng: random.Random) -> tuple[str, list[tuple[int, int]]]:
    """Return a text with a spelling at one of its ends or between two sentences, and where what is sensitive stands."""
    ends = [match.end() for match in _SENTENCE_END.finditer(text)]
    at = rng.choice([0, len(text), *ends])
    before, after = text[:at].rstrip(), text[at:].lstrip()
    parts = [before, "" if not before else " " if before[-1] in ".!?" else ". "]
    spans: list[tuple[int, int]] = []
    length = sum(map(len, parts))
    for outside, inside in split_marked(spelled):
        length += len(outside)
        if inside:
            spans.append((length, length + len(inside)))
        length += len(inside)
        parts += (outside, inside)
    parts += (". " if after else "", after)
    return "".join(parts), spans


def split_marked(spelled: str) -> list[tuple[str, str]]:
    """Return what stands outside and inside of the marks, by turns."""
    pairs = [part.partition("⟦")[::2] for part in spelled.split("⟧")]
    return [(outside, inside) for outside, inside in pairs]


def is_hidden(text: str, spans: list[tuple[int, int]]) -> bool:
    """Return whether no letter or digit of the spans stays."""
    found = [(each.start, each.end) for each in find_personal(text)]
    for start, end in spans:
        for place in range(start, end):
            if text[place].isalnum() and not any(first <= place < last for first, last in found):
                return is_markup(text, place)
    return True


def is_markup(text: str, place: int) -> bool:
    """Return whether a letter that stays belongs to a tag or an entity."""
    before = text[max(place - 6, 0) : place]
    return "<" in before.rpartition(">")[2] or "&" in before.rpartition(";")[2]


def measure_recall(
    texts: list[str], planted_n: int, rng: random.Random
) -> tuple[Counter[tuple[str, str, bool]], list[tuple[str, str]]]:
    """Plant one to three data into each of many texts, and count what was hidden by kind and spelling."""
    found: Counter[tuple[str, str, bool]] = Counter()
    misses: list[tuple[str, str]] = []
    for _ in range(planted_n):
        for kind in rng.sample(sorted(KINDS), rng.randint(1, 3)):
            hostile = rng.random() < HOSTILE_SHARE
            speller: Speller = KINDS[kind][1 if hostile else 0]
            spelled = speller(rng)
            text, spans = plant(rng.choice(texts), spelled, rng)
            hidden = is_hidden(text, spans)
            found[kind, "hostile" if hostile else "plain", hidden] += 1
            if not hidden:
                around = text[max(spans[0][0] - 25, 0) : spans[-1][1] + 15]
                misses.append(
                    (kind, f"{spelled!r} in {around!r} became {mask(text)[max(spans[0][0] - 25, 0) :][:90]!r}")
                )
    return found, misses


def measure_decoys(texts: list[str], planted_n: int, rng: random.Random) -> tuple[float, list[str]]:
    """Return the share of decoys that stay as they were, and what became of the others."""
    lost: list[str] = []
    for _ in range(planted_n):
        text, spans = plant(rng.choice(texts), f"⟦{rng.choice(DECOYS)}⟧.", rng)
        [(start, end)] = spans
        if any(each.start < end and start < each.end for each in find_personal(text)):
            lost.append(f"{text[max(start - 25, 0) : end + 15]!r}")
    return round(1 - len(lost) / planted_n, 4), lost


def share(found: Counter[tuple[str, str, bool]], kind: str, spelling: str) -> float:
    """Return the share of one kind and spelling that was hidden."""
    return found[kind, spelling, True] / max(found[kind, spelling, True] + found[kind, spelling, False], 1)


def recall_of(found: Counter[tuple[str, str, bool]], kind: str) -> dict[str, float]:
    """Return the recall of a kind: of plain and hostile spellings, and of both."""
    hidden = sum(found[kind, spelling, True] for spelling in ("plain", "hostile"))
    planted = hidden + sum(found[kind, spelling, False] for spelling in ("plain", "hostile"))
    shares = {spelling: round(share(found, kind, spelling), 4) for spelling in ("plain", "hostile")}
    return {**shares, "all": round(hidden / max(planted, 1), 4), "planted": planted}


def count_masked(texts: list[str]) -> dict[str, float]:
    """Return how often something is masked in texts as they came, per thousand texts and by kind."""
    kinds = Counter(each.kind.name.lower() for text in texts for each in find_personal(text))
    return {kind: round(1000 * n / len(texts), 1) for kind, n in kinds.most_common()}


def measure_time(texts: list[str], slow_chars: int) -> dict[str, float]:
    """Return the time of a text, and of long texts that are made to be slow."""
    spent = []
    for text in texts:
        begun = time.process_time_ns()
        mask(text)
        spent.append((time.process_time_ns() - begun) / 1000)
    worst_s = growth = 0.0
    for piece in SLOW:
        seconds = []
        for size in (slow_chars // 4, slow_chars):
            begun = time.process_time()
            mask((piece * (size // len(piece) + 1))[:size])
            seconds.append(time.process_time() - begun)
        worst_s, growth = max(worst_s, seconds[1]), max(growth, seconds[1] / max(seconds[0], 0.05))
    return {
        "us_per_text_median": round(statistics.median(spent), 1),
        "us_per_text_mean": round(statistics.fmean(spent), 1),
        "us_per_text_p99": round(sorted(spent)[int(len(spent) * 0.99) - 1], 1),
        "slow_chars": slow_chars,
        "slow_worst_s": round(worst_s, 2),
        "slow_growth_of_4": round(growth, 2),
    }


def judge(figures: dict[str, Any]) -> list[str]:
    """Return which bounds do not hold."""
    broken = [
        f"recall of {kind}: {figures['recall'][kind]['all']} below {least}"
        for kind, (_plain, _hostile, least) in KINDS.items()
        if figures["recall"][kind]["all"] < least
    ]
    if figures["decoys_kept"] < DECOYS_KEPT_MIN:
        broken.append(f"decoys kept: {figures['decoys_kept']} below {DECOYS_KEPT_MIN}")
    if figures["slow_worst_s"] > MEGABYTE_MAX_S or figures["slow_growth_of_4"] > GROWTH_MAX:
        broken.append(f"a text made to be slow: {figures['slow_worst_s']} s, {figures['slow_growth_of_4']} times for 4")
    return broken


def write_sample(texts: list[str], wanted: int, path: Path, seed: int) -> None:
    """Write what was masked in texts as they came, with what stands around it."""
    rng = random.Random(seed)  # noqa: S311 - the same every time, nothing secret
    chosen = [text for text in rng.sample(texts, len(texts)) if find_personal(text)][:wanted]
    with path.open("w", encoding="utf-8") as file:
        for number, text in enumerate(chosen, start=1):
            for each in find_personal(text):
                before, after = text[max(each.start - 40, 0) : each.start], text[each.end : each.end + 30]
                file.write(f"{number}\t{each.kind.name}\t{before}⟦{text[each.start : each.end]}⟧{after}\n")
    print(f"{len(chosen)} texts in which something was masked are in {path}")


if __name__ == "__main__":
    sys.exit(main())
