"""No personal datum of anybody stands in a fixture: looked for in what is committed, by rules of its own."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("tests/contracts/cases", "tests/golden", "simulator", "datasources", "profiles", "scripts")
TEXTS = {".json", ".xml", ".csv", ".tsv", ".toml", ".txt", ".md", ".html", ".template"}
# Invented for fixtures; whoever needs another name invents one and writes it here. Ministers of fairy tales.
INVENTED = frozenset({"Иванов Иван Иванович", "Петрова Анна Сергеевна"})
RESERVED = (".example", ".invalid", ".test", ".localhost", "example.org", "example.com", "example.net")
# +7 000 is assigned to nobody: fixtures take their phones from there.
_PHONE = re.compile(r"(?<![\d.,:/-])(?:\+7|8)[\s(-]*(?!000)\d{3}[\s)-]*\d{3}[\s-]*\d{2}[\s-]*\d{2}(?![\d.,])")
_MAIL = re.compile(r"[\w.+-]+@((?:[\w-]+\.)+[A-Za-zА-я]{2,})")
_SNILS = re.compile(r"(?<!\d)(\d{3})-?(\d{3})-?(\d{3})[ -]?(\d{2})(?!\d)")
_CARD = re.compile(r"(?<![\d.,-])(?:\d[ -]?){15,18}\d(?![\d.,])")
_NAME = re.compile(
    r"[А-ЯЁ][а-яё]+(?:ов|ев|ин|ын|ский|цкий|ова|ева|ина|ына|ская|цкая|енко|ук|юк)\s+[А-ЯЁ][а-яё]+\s+"
    r"[А-ЯЁ][а-яё]+(?:ович|евич|ич|овна|евна|ична|инична)\b"
)
_INITIALS = re.compile(r"\b[А-ЯЁ][а-яё]+(?:ов|ев|ин|ский|ова|ева|ина|ская|енко)[а-яё]{0,2}\s+[А-ЯЁ]\.\s?[А-ЯЁ]\.")


def found_in(text: str) -> list[str]:
    """Return what looks like a datum of a person, by kind; empty where nothing does."""
    found = ["phone"] * bool(_PHONE.search(text))
    found += ["mail" for match in _MAIL.finditer(text) if not f".{match[1].lower()}".endswith(RESERVED)]
    found += ["snils" for match in _SNILS.finditer(text) if _is_snils("".join(match.groups()))]
    found += ["card" for match in _CARD.finditer(text) if _is_card(re.sub(r"\D", "", match[0]))]
    found += ["name" for match in _NAME.finditer(text) if match[0] not in INVENTED]
    found += ["name" for match in _INITIALS.finditer(text) if match[0].split()[0] not in " ".join(INVENTED)]
    return found


def _is_snils(digits: str) -> bool:
    """Source: order of the Pension Fund on personal accounts: weights 9 to 1, remainder of 101."""
    total = sum(int(digit) * weight for digit, weight in zip(digits[:9], range(9, 0, -1), strict=True)) % 101
    return int(digits[:9]) > 1_001_998 and total % 100 == int(digits[9:])


def _is_card(digits: str) -> bool:
    """Source: ISO/IEC 7812-1, annex B (Luhn)."""
    doubled = (int(d) * (2 if at % 2 else 1) for at, d in enumerate(reversed(digits)))
    return digits[0] in "23456" and sum(n - 9 if n > 9 else n for n in doubled) % 10 == 0


def _texts() -> list[tuple[str, str]]:
    read = []
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            name = str(path.relative_to(ROOT))
            if path.suffix in TEXTS:
                read.append((name, path.read_bytes().decode("utf-8", "replace")))
            elif path.suffix == ".xlsx":
                with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
                    read += [(f"{name}:{part}", archive.read(part).decode()) for part in archive.namelist()]
    return read


def test_no_fixture_holds_a_phone_mail_document_card_or_name():
    texts = _texts()
    assert len(texts) > 40
    assert {name: found for name, text in texts if (found := found_in(text))} == {}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("звоните +7 (913) 123-45-67", "phone"),
        ("тел. 89131234567", "phone"),
        ("пишите ivan@mail.ru", "mail"),
        ("СНИЛС 112-233-445 95", "snils"),
        ("карта 4111 1111 1111 1111", "card"),
        ("Сидоров Пётр Алексеевич просит", "name"),
        ("ответил Сидоров П. А.", "name"),
    ],
)
def test_each_kind_would_be_seen(text, kind):
    assert found_in(text) == [kind]


def test_what_is_nobodys_is_left_alone():
    text = "s@alerts.example A-261118-00123 2026-11-21T06:00:00Z 53.712345,87.123456 улица Ленина, 5 +7 000 111-22-33"
    assert found_in(text) == []
