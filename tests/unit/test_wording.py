"""What files say and what the wall says is the same text: the same inputs through Python and the browser's module."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from svodka.domain.codec import decode, encode_text
from svodka.i18n.catalogue import load_catalogue
from svodka.reports.wording import Wording
from tests.node import ROOT, node_command

ZONE = "Asia/Novokuznetsk"
NUMBERS = [
    0,
    1,
    999,
    1000,
    12345.678,
    1234567,
    -1.5,
    -0.4,
    0.05,
    0.15,
    0.25,
    2.5,
    0.125,
    91.45,
    1.005,
    1e9,
    86.30573248,
]
SPANS = [-5, 0, 0.9, 59, 60, 61, 3599, 3600, 3660, 86399, 172799, 172800, 180000, 863999, 864000, 8640000]
MOMENTS = [
    datetime(2026, 3, 1, 17, 0, 0, tzinfo=UTC),  # midnight there
    datetime(2026, 3, 2, 5, 30, 20, tzinfo=UTC),
    datetime(2026, 12, 31, 16, 59, 59, tzinfo=UTC),
    datetime(2026, 5, 9, 23, 5, tzinfo=UTC),
]
SCRIPT = """
import { createFormat } from %(module)s;
const { words, numbers, spans, moments, language, zone } = JSON.parse(process.argv[1]);
const format = createFormat({ language, words, zones: { local: zone, federal: "Europe/Moscow" } });
const digits = { timeZone: zone, day: "2-digit", month: "2-digit", year: "numeric" };
const date = (ms) => new Intl.DateTimeFormat(language, digits).format(ms);
console.log(JSON.stringify({
  number: numbers.flatMap((n) => [0, 1, 2].map((digits) => format.number(n, digits))),
  up_to: numbers.flatMap((n) => [0, 1, 2].map((digits) => format.upTo(n, digits))),
  span: spans.map((s) => format.span(s)),
  time: moments.map((m) => format.time(m)),
  hour: moments.map((m) => format.hour(m)),
  day: moments.map((m) => format.day(m)),
  day_month: moments.map((m) => format.timeOrDay(m, 0)), date: moments.map(date),
}));
"""


def ask_browser(language, words):
    """Return what `assets/js/format.mjs` makes of the inputs."""
    asked = {
        "language": language,
        "zone": ZONE,
        "words": words.words,
        "numbers": NUMBERS,
        "spans": SPANS,
        "moments": [moment.timestamp() * 1000 for moment in MOMENTS],
    }
    script = SCRIPT % {"module": encode_text(str(ROOT / "assets" / "js" / "format.mjs"))}
    done = subprocess.run(
        [*node_command(), "--input-type=module", "-e", script, encode_text(asked)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return decode(done.stdout)


@pytest.mark.parametrize("language", ["ru", "en"])
def test_files_say_numbers_and_times_as_the_wall_does(language):
    """Digits, grouping, rounding of halves, units and dates of both languages."""
    words = load_catalogue(language)
    wording = Wording(words, ZoneInfo(ZONE))
    said = {
        "number": [wording.number(n, digits) for n in NUMBERS for digits in (0, 1, 2)],
        "up_to": [wording.up_to(n, digits) for n in NUMBERS for digits in (0, 1, 2)],
        "span": [wording.span(s) for s in SPANS],
        "time": [wording.time(m) for m in MOMENTS],
        "hour": [wording.hour(m) for m in MOMENTS],
        "day": [wording.day(m) for m in MOMENTS],
        "day_month": [wording.day_month(m) for m in MOMENTS],
        "date": [wording.full_date(m) for m in MOMENTS],
    }
    assert said == ask_browser(language, words)


def test_a_moment_names_its_zone():
    """In a file nobody knows from where it was sent."""
    wording = Wording(load_catalogue("ru"), ZoneInfo(ZONE))
    assert wording.moment(MOMENTS[1]) == "02.03.2026 12:30 (UTC+7)"
    assert Wording(load_catalogue("ru"), ZoneInfo("Asia/Kolkata")).moment(MOMENTS[1]) == "02.03.2026 11:00 (UTC+5:30)"


def test_no_data_is_never_a_number():
    """None is a word."""
    wording = Wording(load_catalogue("ru"), ZoneInfo(ZONE))
    assert wording.value(None, "share") == "нет данных"
    assert wording.value(0.914, "share") == "91,4\u00a0%"
    assert wording.value(2875, "minutes") == "47\u00a0ч\u00a055\u00a0мин"
