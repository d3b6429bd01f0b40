"""Names of people in a text, and not those of streets. Pure.

A name is what has the form of one: first name and patronymic, first name and surname, surname and initials, in any case
and either order; or what a text announces as a name («меня зовут …»). A surname alone says little and stays: it is a
street's far more often than a person's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain, product

import msgspec

from svodka.domain.masking import words
from svodka.domain.masking.found import Found, Kind
from svodka.domain.masking.readings import Reading, read_word

_WORD = re.compile(r"[А-ЯЁа-яё]+(?:-[А-ЯЁа-яё]+){0,2}")
_BETWEEN = re.compile(r" {1,3}")
_PATRONYMIC_SMALL = re.compile(
    r"(?:ич(?:[ауе]|[ео]м)?|(?:вн|чн)(?:[аыеу]|о[йю]))(?![а-яё])|(?:оглы|кызы|гызы|улы)(?![а-яё])", re.IGNORECASE
)
_TURKIC = frozenset({"оглы", "кызы", "улы", "гызы"})
_BEFORE = 60
_TOPONYM = re.compile(
    rf"(?:^|[^А-ЯЁа-яё])(?:(?:{words.TOPONYMS_CUT_SHORT})[. ]|(?:{words.TOPONYMS}) ) ?[«\"]?"
    rf"(?:(?:{words.RANKS})\.? ){{0,5}}$",
    re.IGNORECASE,
)
_HOUSE = re.compile(r" ?,? ?(?:д\.? ?|дом ?)?№? ?[0-9]{1,3}(?![0-9:]|\.[0-9]|[ \-]?[0-9]| ?(?:лет|год|г\b|мес|дет))")
_INITIALS = re.compile(
    r"(?<![А-ЯЁа-яё])(?P<after>[А-ЯЁ][А-ЯЁа-яё\-]{1,30})(?:[ ,]{1,2}|(?<=[а-яё]))"
    r"[А-ЯЁ]\.(?: ?[А-ЯЁ](?:\.|(?![А-ЯЁа-яё])))?"
    r"|(?<![А-ЯЁа-яё])(?:[А-ЯЁ]\. ?){1,2}(?P<before>[А-ЯЁ][А-ЯЁа-яё\-]{1,30})"
    r"|(?<![А-ЯЁа-яё])(?P<bare>[А-ЯЁ][а-яё\-]{2,30}) (?P<pair>[А-ЯЁ] ?[А-ЯЁ])(?![А-ЯЁа-яё])"
    r"|(?<![А-ЯЁа-яё])(?P<small>[а-яё]{4,30}) (?P<letters>[а-яё]\. ?[а-яё])\."
)
_ABBREVIATIONS = frozenset(
    {"т.д", "т.п", "т.е", "т.к", "т.н", "г.р", "т.ч", "и.о", "р.п", "п.г", "и.т", "л.с", "к.т", "н.э"}
)
_ANNOUNCED = re.compile(rf"(?<![А-ЯЁа-яё])(?:{words.ANNOUNCED})[ ,:.\-\"«()—]{{1,4}}(?=[А-ЯЁа-яё])", re.IGNORECASE)
_FROM = re.compile(r"(?<![А-ЯЁа-яё\-])(?:от|для|жалоба на|я|у) (?=[А-ЯЁ])", re.IGNORECASE)
_UP_TO = re.compile(r"[^.!?\n]{0,25} (?:до|в сторону|в направлении) ")
_BORN = re.compile(r"[ ,(]{1,3}(?P<at>[0-3]?[0-9]\.[01]?[0-9]\.(?:19[0-9]{2}|200[0-9]))(?![0-9])")
_ACTING = re.compile(r"И\. ?О\.")  # «И.О. директора»
_LOOSE = re.compile(r" {1,3}|, ?")
_ABBREVIATION = 4
_ALONG = re.compile(r"(?:^|[^А-ЯЁа-яё])(?:на|по|до|с|из|вдоль|за|между|и|-) ?$", re.IGNORECASE)
_SELDOM, _LIKELY, _SURELY = 0.01, 0.3, 0.6


class Word(msgspec.Struct, frozen=True):
    """A word and where it stands."""

    text: str
    start: int
    end: int

    @property
    def reading(self) -> Reading:
        """What it can be."""
        return read_word(self.text)

    @property
    def is_capital(self) -> bool:
        """Whether it begins with a capital letter."""
        return self.text[0].isupper()


def find_names(text: str) -> Iterator[Found]:
    """Yield names of people.

    Args:
        text: A shadow (`svodka.domain.masking.folding`).
    """
    all_words = [Word(match[0], match.start(), match.end()) for match in _WORD.finditer(text)]
    spans = chain(
        _with_patronymic(text, all_words), _pairs(text, all_words), _with_initials(text), _announced(text, all_words)
    )
    for start, end in spans:
        if _TOPONYM.search(text, max(start - _BEFORE, 0), start):
            continue
        yield Found(start, end, Kind.NAME)
        born = _BORN.match(text, end)
        if born is not None:
            yield Found(born.start("at"), born.end("at"), Kind.BIRTH)


def _with_patronymic(text: str, all_words: Sequence[Word]) -> Iterator[tuple[int, int]]:
    """Yield first name and patronymic, with the surname that stands on either side."""
    if not _PATRONYMIC_SMALL.search(text):
        return
    for place, word in enumerate(all_words):
        if place and _PATRONYMIC_SMALL.search(word.text) and _is_patronymic(word):
            name = _at(text, all_words, place - 1, place)
            if name is None:
                continue
            if word.text.lower() in _TURKIC:  # «Алиев Рашид Алишер оглы»
                further = _at(text, all_words, place - 2, place - 1)
                yield from _widen(text, all_words, place - (2 if further and further.is_capital else 1), place)
            elif _is_first_name(name, next_to=word):
                yield from _widen(text, all_words, place - 1, place)


def _is_patronymic(word: Word) -> bool:
    return word.text.lower() in _TURKIC or (word.reading.is_patronymic and (word.is_capital or word.reading.is_known))


def _is_first_name(word: Word, *, next_to: Word) -> bool:
    """Return whether a word before a patronymic is a first name: there nearly everything capitalised is."""
    reading = word.reading
    if word.text.lower() in words.TITLES:
        return False
    if next_to.is_capital and word.is_capital:
        return reading.name > 0 or not reading.is_known or reading.plain < _LIKELY
    return reading.name > 0


def _widen(text: str, all_words: Sequence[Word], first: int, last: int) -> Iterator[tuple[int, int]]:
    """Yield the span of two words and of the surname before or behind them."""
    before, behind = _at(text, all_words, first - 1, first), _at(text, all_words, last + 1, last, ahead=True)
    if before is not None and _is_surname_beside(before, all_words[last]):
        yield before.start, all_words[last].end
    elif behind is not None and _is_surname_beside(behind, all_words[last]):
        yield all_words[first].start, behind.end
    else:
        yield all_words[first].start, all_words[last].end


def _is_surname_beside(word: Word, patronymic: Word) -> bool:
    """Return whether a word beside a full name is its surname: any capitalised one that is nothing else is."""
    reading = word.reading
    if word.text.lower() in words.TITLES or word.is_capital != patronymic.is_capital:
        return False
    if reading.surname > 0 or (not reading.is_known and word.is_capital):
        return True
    if reading.looks_like_surname and not reading.place:
        return True
    shouted = word.text.isupper() and patronymic.text.isupper()
    return word.is_capital and not shouted and reading.place == 0 and reading.is_somebody  # «Мария Ивановна Заяц»


def _pairs(text: str, all_words: Sequence[Word]) -> Iterator[tuple[int, int]]:
    """Yield first name and surname, in either order, unless a street is called so."""
    for place in range(len(all_words) - 1):
        one, two = all_words[place], all_words[place + 1]
        if not (one.is_capital and two.is_capital and _BETWEEN.fullmatch(text, one.end, two.start)):
            continue
        if (_is_pair(one, two) or _is_pair(two, one)) and not _is_street_of(text, one, two):
            yield one.start, _with_loose_patronymic(text, all_words, place + 1)


def _is_street_of(text: str, one: Word, two: Word) -> bool:
    """Return whether «Карла Маркса» or «Ивана Петрова, 5» was meant."""
    called = {*product(one.reading.lemmas, two.reading.lemmas), *product(two.reading.lemmas, one.reading.lemmas)}
    if called & words.STREET_PERSONS:
        return True
    return one.reading.is_genitive and two.reading.is_genitive and _HOUSE.match(text, two.end) is not None


def _with_loose_patronymic(text: str, all_words: Sequence[Word], place: int) -> int:
    """Return where a name ends, behind «, Юрьевна» where that follows."""
    if place + 1 < len(all_words):
        further = all_words[place + 1]
        if further.is_capital and text[all_words[place].end : further.start] == ", " and further.reading.is_patronymic:
            return further.end
    return all_words[place].end


def _is_pair(name: Word, surname: Word) -> bool:
    of_name, of_surname = name.reading, surname.reading
    if of_name.name == 0 or min(len(name.text), len(surname.text)) < 2:  # noqa: PLR2004
        return False
    if of_name.name >= _SURELY:
        if name.start < surname.start and (of_surname.is_somebody or not of_surname.is_known):  # «Артём Мельник»
            return True
        return of_surname.surname > 0 or (of_surname.looks_like_surname and of_surname.place == 0)
    if not of_surname.is_known or of_surname.surname >= _SURELY:
        return of_surname.surname > 0 and of_name.name >= _SELDOM
    least = _LIKELY if of_surname.place or of_surname.name else of_surname.plain
    return of_surname.surname >= max(least, _SELDOM) and max(of_name.name, of_surname.surname) >= _LIKELY


def _with_initials(text: str) -> Iterator[tuple[int, int]]:
    """Yield a surname with its initials."""
    for match in _INITIALS.finditer(text):
        kind = match.lastgroup if match.lastgroup not in {"pair", "letters"} else None
        kind = kind or ("bare" if match["bare"] else "small")
        reading = read_word(match[kind])
        if _INITIALS_OF[kind](match, reading) and not _is_street(text, match, reading):
            yield match.span()


def _is_street(text: str, match: re.Match[str], reading: Reading) -> bool:
    """Return whether «М. Горького» or «К. Маркса, 10» was meant."""
    if not reading.is_genitive:
        return False
    if _HOUSE.match(text, match.end()):
        return True
    if match[0].count(".") != 1:
        return False
    is_along = match["before"] is not None and _ALONG.search(text, max(match.start() - 12, 0), match.start())
    return bool(is_along or reading.lemmas & words.STREET_SURNAMES)


def _is_surname(reading: Reading) -> bool:
    if not reading.is_known:
        return reading.surname > 0
    return reading.surname > 0 and reading.surname >= max(reading.plain, reading.place)


def _fits_two(match: re.Match[str], reading: Reading) -> bool:
    initials_n = len(re.findall(r"(?<![А-ЯЁа-яё])[А-ЯЁ](?![А-ЯЁа-яё\-])", match[0]))
    if initials_n > 1 and not _ACTING.search(match[0]):
        looks = reading.looks_like_surname and not reading.place
        return reading.surname > 0 or looks or reading.is_somebody or not (reading.is_known or match[0].isupper())
    return _is_surname(reading)


def _fits_bare(match: re.Match[str], reading: Reading) -> bool:
    return match["pair"].replace(" ", "") not in words.NO_INITIALS and _is_surname(reading)


def _fits_small(match: re.Match[str], reading: Reading) -> bool:
    return match["letters"].replace(" ", "") not in _ABBREVIATIONS and reading.is_known and _is_surname(reading)


_INITIALS_OF = {"after": _fits_two, "before": _fits_two, "bare": _fits_bare, "small": _fits_small}


def _announced(text: str, all_words: Sequence[Word]) -> Iterator[tuple[int, int]]:
    """Yield what follows «меня зовут», «гр.», «с уважением» or «от», as far as it can be a name."""
    starts = {word.start: place for place, word in enumerate(all_words)}
    for match in _ANNOUNCED.finditer(text):
        place = starts.get(match.end())
        if place is not None:
            yield from _run(
                text, all_words, place, sure=match[0].lower().startswith(("меня", "зовут", "мо", "фам", "фио", "гр"))
            )
    for match in _FROM.finditer(text):
        place = starts.get(match.end())
        if place is not None and not _UP_TO.match(text, match.end()) and _is_somebody(all_words[place]):
            yield from _run(text, all_words, place, sure=False)


def _is_somebody(word: Word) -> bool:
    reading = word.reading
    likely = reading.surname > max(reading.plain, reading.place, _LIKELY) if reading.is_known else reading.surname > 0
    return likely and not reading.lemmas & words.STREET_SURNAMES


def _run(text: str, all_words: Sequence[Word], place: int, *, sure: bool) -> Iterator[tuple[int, int]]:
    """Yield up to three words that can be parts of one name; the first in small letters only where it is `sure`."""
    taken: list[Word] = []
    for word in all_words[place : place + 3]:
        if taken and not _BETWEEN.fullmatch(text, taken[-1].end, word.start):
            break
        if not _is_part(word, sure=sure):
            break
        taken.append(word)
    if taken and not (taken[0].reading.is_genitive and not sure and _HOUSE.match(text, taken[-1].end)):
        yield taken[0].start, taken[-1].end


def _is_part(word: Word, *, sure: bool) -> bool:
    reading = word.reading
    if word.text.lower() in words.TITLES or len(word.text) < 2:  # noqa: PLR2004
        return False
    likely = max(reading.name, reading.surname)
    if not word.is_capital:
        return sure and (likely > _SELDOM or reading.is_patronymic)
    if word.text.isupper() and len(word.text) <= _ABBREVIATION:
        return reading.is_known and likely >= _LIKELY
    if not reading.is_known:
        return sure or likely > 0 or reading.is_patronymic
    if sure:
        return _is_name_part(reading)
    return reading.is_patronymic or (likely > 0 and likely >= reading.plain)


def _is_name_part(reading: Reading) -> bool:
    """Return whether a word can be a part of a name at all."""
    may_be = max(reading.name, reading.surname) > 0 or reading.is_patronymic
    return may_be or reading.looks_like_surname or reading.is_somebody


def _at(text: str, all_words: Sequence[Word], place: int, beside: int, *, ahead: bool = False) -> Word | None:
    """Return the word at a place if nothing but spaces, or a comma between names, parts it from the one beside it."""
    if not 0 <= place < len(all_words):
        return None
    first, second = (all_words[beside], all_words[place]) if ahead else (all_words[place], all_words[beside])
    loose = first.is_capital and second.is_capital and _is_name_part(all_words[place].reading)
    return all_words[place] if (_LOOSE if loose else _BETWEEN).fullmatch(text, first.end, second.start) else None
