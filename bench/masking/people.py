"""Invented people and their data, in the spellings in which citizens write them. Nobody of these exists.

Declension is by rules of our own, so that the names are not those of the mask's dictionary. What is sensitive in a
spelling stands between ⟦ and ⟧; what only leads to it («кв.», «меня зовут») stands outside.
"""

from __future__ import annotations

import random
from collections.abc import Callable


def _listed(text: str) -> tuple[str, ...]:
    return tuple(text.split())


MEN = _listed(
    "Иван Пётр Сергей Алексей Андрей Дмитрий Николай Виктор Игорь Олег Павел Роман Артём Илья Никита Василий Геннадий "
    "Анатолий Рашид Ильдар Тимур Руслан Магомед Ашот Мурат Станислав Лев Фёдор Эдуард Захар"
)
WOMEN = _listed(
    "Мария Анна Ольга Татьяна Елена Наталья Ирина Светлана Людмила Галина Надежда Вера Любовь Юлия Ксения Алёна "
    "Гульнара Айгуль Зульфия Нина Раиса Полина Дарья Екатерина Валентина Эльвира Тамара Лариса Оксана Жанна"
)
SURNAMES = _listed(
    "Иванов Петров Сидоров Кузнецов Попов Васильев Смирнов Соколов Лебедев Козлов Новиков Морозов Волков Зайцев "
    "Ахметзянов Хакимов Гайфуллин Магомедов Абдуллаев Тюндешев Кызласов Боргояков Шарафутдинов Ерёмин Никитин Ильин "
    "Голицын Путилин Калугин Шулепин Воробьёв Белозёров Крутиков Ощепков Половников Турышев Медведев Телегин"
)
FIRM = _listed(
    "Сидоренко Шевчук Ткаченко Ковальчук Мельник Бондарь Гончар Кравец Шмидт Миллер Цой Ким Саакян Гогия Кикабидзе"
)
ADJECTIVE = _listed("Красновский Заболоцкий Раевский Верховский Полянский Свердловский Римский-Корсаков")
FATHERS = _listed(
    "Иванович Петрович Сергеевич Алексеевич Андреевич Дмитриевич Николаевич Викторович Игоревич Олегович Павлович "
    "Ильич Никитич Васильевич Геннадьевич Анатольевич Рашидович Ильдарович Тимурович Магомедович Фёдорович Львович"
)
_UNEVEN = {
    "Лев": ("Льва", "Льву", "Львом"),
    "Павел": ("Павла", "Павлу", "Павлом"),
    "Пётр": ("Петра", "Петру", "Петром"),
    "Любовь": ("Любови", "Любови", "Любовью"),
}
CASES = ("nominative", "genitive", "dative", "instrumental")


def decline(word: str, case: str, *, woman: bool) -> str:
    """Return a first name, patronymic or surname of a Russian form in a case."""
    number = CASES.index(case)
    if number == 0:
        return word
    if word in _UNEVEN:
        return _UNEVEN[word][number - 1]
    if word.endswith("ич"):
        return word + ("а", "у", "ем")[number - 1]
    for ending, forms in (
        ("ия", ("ии", "ии", "ией")),
        ("ья", ("ьи", "ье", "ьей")),
        ("вна", ("вны", "вне", "вной")),
        ("чна", ("чны", "чне", "чной")),
        ("ова", ("овой", "овой", "овой")),
        ("ева", ("евой", "евой", "евой")),
        ("ёва", ("ёвой", "ёвой", "ёвой")),
        ("ина", ("иной", "иной", "иной")) if woman and word in WOMEN_SURNAMES else ("ина", ("ины", "ине", "иной")),
        ("ына", ("ыной", "ыной", "ыной")),
        ("ая", ("ой", "ой", "ой")),
        ("ла", ("лы", "ле", "лой")),
        ("га", ("ги", "ге", "гой")),
        ("са", ("сы", "се", "сой")),
        ("а", ("ы", "е", "ой")),
        ("я", ("и", "е", "ей")),
        ("ий", ("ого", "ому", "им") if word in ADJECTIVE else ("ия", "ию", "ием")),
        ("й", ("я", "ю", "ем")),
        ("ь", ("и", "и", "ью") if woman else ("я", "ю", "ем")),
        ("ов", ("ова", "ову", "овым")),
        ("ев", ("ева", "еву", "евым")),
        ("ёв", ("ёва", "ёву", "ёвым")),
        ("ин", ("ина", "ину", "иным")),
        ("ын", ("ына", "ыну", "ыным")),
    ):
        if word.endswith(ending):
            return word[: -len(ending)] + forms[number - 1]
    if woman or word[-1] in "оеиуэ":
        return word
    return word + ("а", "у", "ом")[number - 1]


WOMEN_SURNAMES = frozenset(surname + "а" for surname in SURNAMES)


def person(rng: random.Random, case: str) -> tuple[str, str, str]:
    """Return surname, first name and patronymic of somebody in a case."""
    woman = rng.random() < 0.6  # more women than men write
    kind = rng.random()
    father = rng.choice(FATHERS)
    name = rng.choice(WOMEN if woman else MEN)
    if woman:
        uneven = {"Ильич": "Ильинична", "Никитич": "Никитична"}
        father = uneven.get(father, f"{father[:-2]}на")
    surname = rng.choice(FIRM if kind < 0.15 else ADJECTIVE if kind < 0.25 else SURNAMES)
    if woman and surname in SURNAMES:
        surname += "а"
    elif woman and surname in ADJECTIVE:
        surname = f"{surname[:-2]}ая" if surname.endswith("ий") else f"{surname}а"
    if woman and surname in FIRM:
        return surname, decline(name, case, woman=True), decline(father, case, woman=True)
    return tuple(decline(word, case, woman=woman) for word in (surname, name, father))  # type: ignore[return-value]


def spell_name(rng: random.Random) -> str:
    """Return a name as people write it."""
    case = rng.choice(CASES)
    s, n, p = person(rng, case)
    full = (f"⟦{s} {n} {p}⟧", f"⟦{n} {p} {s}⟧", f"⟦{n} {p}⟧", f"⟦{s} {n}⟧", f"⟦{n} {s}⟧")
    initials = (f"⟦{s} {n[0]}.{p[0]}.⟧", f"⟦{s} {n[0]}. {p[0]}.⟧", f"⟦{n[0]}.{p[0]}. {s}⟧", f"⟦{n[0]}. {p[0]}. {s}⟧")
    nominative = person(rng, "nominative")
    genitive = person(rng, "genitive")
    announced = (
        f"Меня зовут ⟦{nominative[1]}⟧.",
        f"меня зовут ⟦{nominative[0].lower()} {nominative[1].lower()}⟧,",
        f"Обращение от ⟦{genitive[0]} {genitive[1]} {genitive[2]}⟧.",
        f"жалоба от ⟦{genitive[0]} {genitive[1][0]}.{genitive[2][0]}.⟧",
        f"гр. ⟦{nominative[0]}⟧ сообщает",
        f"С уважением, ⟦{nominative[1]} {nominative[0]}⟧",
        f"ФИО: ⟦{nominative[0]} {nominative[1]} {nominative[2]}⟧",
    )
    return rng.choice((rng.choice(full), rng.choice(full), rng.choice(initials), rng.choice(announced)))


def spell_name_hostile(rng: random.Random) -> str:
    """Return a name that somebody or some system has spoilt."""
    s, n, p = person(rng, rng.choice(CASES))
    return rng.choice(
        (
            f"⟦{s} {n} {p}⟧".upper(),
            f"⟦{s} {n} {p}⟧".lower(),
            f"⟦{n} {p}⟧".lower(),
            f"⟦{s}  {n}  {p}⟧",
            f"⟦{s}\u00a0{n}\u00a0{p}⟧",
            f"⟦{s} {n[0]}{p[0]}⟧",
            f"⟦{look_alike(s)} {n} {look_alike(p)}⟧",
            f"⟦{hide(s)} {hide(n)} {p}⟧",
            f"⟦{s}&nbsp;{n}&nbsp;{p}⟧",
            f"⟦{s}, {n}, {p}⟧",
            f"⟦{s} {n} {p}⟧".replace("е", "ё").replace("ё", "е"),
        )
    )


def spell_phone(rng: random.Random) -> str:
    """Return a telephone number as people write it."""
    mobile = f"9{rng.randrange(100):02d}"
    a, b, c = f"{rng.randrange(1000):03d}", f"{rng.randrange(100):02d}", f"{rng.randrange(100):02d}"
    code = rng.choice(("342", "384", "3822", "391", "4712", "495", "812"))
    local = f"{rng.randrange(10 ** (9 - len(code)), 10 ** (10 - len(code)))}"
    city = f"{rng.randrange(2, 8)}{rng.randrange(10)}-{rng.randrange(32, 100)}-{rng.randrange(100):02d}"
    return rng.choice(
        (
            f"⟦+7{mobile}{a}{b}{c}⟧",
            f"⟦8{mobile}{a}{b}{c}⟧",
            f"⟦{mobile}{a}{b}{c}⟧",
            f"⟦8 {mobile} {a} {b} {c}⟧",
            f"⟦8-{mobile}-{a}-{b}-{c}⟧",
            f"⟦+7 ({mobile}) {a}-{b}-{c}⟧",
            f"⟦8({mobile}){a}{b}{c}⟧",
            f"⟦8 ({mobile}) {a} {b} {c}⟧",
            f"⟦8.{mobile}.{a}.{b}.{c}⟧",
            f"⟦{mobile} {a} {b} {c}⟧",
            f"⟦{mobile}-{a}-{b}-{c}⟧",
            f"⟦7{mobile}{a}{b}{c}⟧",
            f"⟦8 ({code}) {local}⟧",
            f"⟦8{code}{local}⟧",
            f"⟦({code}) {local}⟧",
            f"тел. ⟦{city}⟧",
            f"телефон ⟦{city.replace('-', '')}⟧",
            f"т. ⟦{city}⟧",
            f"⟦2{rng.randrange(10):d}{rng.randrange(10):d}-{city[3:]}⟧",
        )
    )


def spell_phone_hostile(rng: random.Random) -> str:
    """Return a telephone number that is meant to slip through, or that a system has spoilt."""
    digits = f"89{rng.randrange(10**9):09d}"
    groups = (digits[0], digits[1:4], digits[4:7], digits[7:9], digits[9:])
    return rng.choice(
        (
            f"⟦{' '.join(digits)}⟧",
            f"⟦{wide(digits)}⟧",
            f"⟦{hide(digits)}⟧",
            f"⟦{'&nbsp;'.join(groups)}⟧",
            f"⟦{'–'.join(groups)}⟧",
            f"⟦{chr(0x2011).join(groups)}⟧",
            f"⟦{groups[0]}({groups[1]})-{groups[2]}_{groups[3]}_{groups[4]}⟧",
            f"⟦8-9{digits[2:].replace('0', 'О')}⟧",
            f"⟦{''.join(digit + chr(0xFE0F) + chr(0x20E3) for digit in digits)}⟧",
            f"⟦{'/'.join(groups)}⟧",
            f"⟦{groups[0]}<b>{groups[1]}</b>{groups[2]}-{groups[3]}{groups[4]}⟧",
        )
    )


def spell_email(rng: random.Random) -> str:
    """Return an e-mail address."""
    user = rng.choice(("petrov", "anna.s", "ivan_1980", "kot-85", "mama.papa", "n.n+dom", "a", "sidorova1957"))
    host = rng.choice(("mail.ru", "yandex.ru", "gmail.com", "bk.ru", "list.ru", "inbox.ru", "mail.kuzbass.example"))
    return rng.choice(
        (
            f"⟦{user}@{host}⟧",
            f"⟦{user.upper()}@{host}⟧",
            "⟦иван.петров@почта.рф⟧",
            f"⟦{user}{rng.randrange(999)}@{host}⟧",
        )
    )


def spell_email_hostile(rng: random.Random) -> str:
    """Return an e-mail address that is meant to slip through."""
    user, host = rng.choice(("petrov", "anna.s", "ivan_1980")), rng.choice(("mail", "yandex", "rambler"))
    return rng.choice(
        (
            f"⟦{user} @ {host} . ru⟧",
            f"⟦{user}(at){host}.ru⟧",
            f"⟦{user}[собака]{host}.ru⟧",
            f"⟦{user} собака {host} точка ru⟧",
            f"⟦{user}@{host},ru⟧",
            f"⟦{user}＠{host}.ru⟧",
            f"⟦{user}\u200b@\u200b{host}.ru⟧",
            f"⟦{user}&#64;{host}.ru⟧",
            f"⟦{user} (собака) {host}.ru⟧",
        )
    )


def spell_document(rng: random.Random) -> str:
    """Return the number of a document, card, account or car."""
    six, four = f"{rng.randrange(10**6):06d}", f"{rng.randrange(1000, 9999)}"
    snils = make_snils(rng)
    letters = "АВЕКМНОРСТУХ"
    plate = f"{rng.choice(letters)}{rng.randrange(1, 1000):03d}{rng.choice(letters)}{rng.choice(letters)}"
    region = rng.choice(("42", "142", "55", "59", "46", "69", "19", "159"))
    card = make_card(rng)
    return rng.choice(
        (
            f"паспорт ⟦{four} {six}⟧",
            f"паспорт серия ⟦{four[:2]} {four[2:]} № {six}⟧",
            f"паспорт: серия ⟦{four} номер {six}⟧",
            f"⟦{four} {six}⟧",
            f"паспорт ⟦{four}{six}⟧",
            f"СНИЛС ⟦{snils[:3]}-{snils[3:6]}-{snils[6:9]} {snils[9:]}⟧",
            f"⟦{snils[:3]}-{snils[3:6]}-{snils[6:9]} {snils[9:]}⟧",
            f"снилс ⟦{snils}⟧",
            f"ИНН ⟦{make_inn(rng)}⟧",
            f"инн: ⟦{make_inn(rng)}⟧",
            f"карта ⟦{card[:4]} {card[4:8]} {card[8:12]} {card[12:]}⟧",
            f"⟦{card}⟧",
            f"полис ⟦{rng.randrange(10**15, 10**16)}⟧",
            f"полис ОМС № ⟦{rng.randrange(10**15, 10**16)}⟧",
            f"свидетельство о рождении ⟦II-ГП № {six}⟧",
            f"л/с ⟦{rng.randrange(10**6, 10**10)}⟧",
            f"лицевой счёт № ⟦{rng.randrange(10**6, 10**10)}⟧",
            f"машина ⟦{plate}{region}⟧",
            f"гос. номер ⟦{plate.lower()}{region}⟧",
            f"автомобиль ⟦{plate[0]} {plate[1:4]} {plate[4:]} {region}⟧",
            f"водительское удостоверение ⟦{four[:2]} {four[2:]} {six}⟧",
        )
    )


def spell_document_hostile(rng: random.Random) -> str:
    """Return the number of a document that a system or somebody has spoilt."""
    six, four = f"{rng.randrange(10**6):06d}", f"{rng.randrange(1000, 9999)}"
    snils, card = make_snils(rng), make_card(rng)
    return rng.choice(
        (
            f"паспорт ⟦{wide(four)} {wide(six)}⟧",
            f"паспорт ⟦{four}&nbsp;{six}⟧",
            f"пaспoрт ⟦{four} {six}⟧",
            f"⟦{hide(snils)}⟧",
            f"СНИЛС ⟦{snils[:3]}–{snils[3:6]}–{snils[6:9]}–{snils[9:]}⟧",
            f"снилс ⟦{snils[:3]} {snils[3:6]} {snils[6:9]} {snils[9:]}⟧",
            f"карта ⟦{'-'.join((card[:4], card[4:8], card[8:12], card[12:]))}⟧",
            f"карта ⟦{'.'.join((card[:4], card[4:8], card[8:12], card[12:]))}⟧",
            f"госномер ⟦A{rng.randrange(100, 999)}BC 42 rus⟧",
        )
    )


def spell_flat(rng: random.Random) -> str:
    """Return the number of a flat with its address."""
    house, flat = rng.choice(("5", "12а", "101", "7/2", "44 к. 2")), str(rng.randrange(1, 400))
    street = rng.choice(
        ("ул. Ленина", "пр. Химиков", "ул. 40 лет Октября", "Весенняя", "б-р Строителей", "ул Мира", "пер. Тихий")
    )
    return rng.choice(
        (
            f"{street}, д. {house}, кв. ⟦{flat}⟧",
            f"{street} {house} кв ⟦{flat}⟧",
            f"{street} {house} кв⟦{flat}⟧",
            f"{street} {house}, квартира ⟦{flat}⟧",
            f"{street} дом {house} квартира № ⟦{flat}⟧",
            f"{street}, {house}, кв.⟦{flat}⟧",
            f"д. 5-⟦{flat}⟧",
            f"ул. Ленина, 14-⟦{flat}⟧",
            f"дом 5 кв ⟦{flat}⟧",
            f"в кв. ⟦{flat}⟧ нет тепла",
            f"в ⟦{flat}⟧ квартире шумят",
            f"из ⟦{flat}⟧-й квартиры",
            f"в квартирах ⟦{flat}⟧ и ⟦{rng.randrange(1, 400)}⟧.",
            f"проживаю по адресу {street} 9-⟦{flat}⟧",
            f"проживаю: {street} 9/⟦{flat}⟧",
        )
    )


def spell_flat_hostile(rng: random.Random) -> str:
    """Return the number of a flat in an odd spelling."""
    flat = str(rng.randrange(1, 400))
    return rng.choice(
        (
            f"КВ.⟦{flat}⟧",
            f"кв&nbsp;⟦{flat}⟧",
            f"к\u200bв. ⟦{flat}⟧",
            f"квaртира ⟦{flat}⟧",
            f"кв. ⟦{wide(flat)}⟧",
            f"кв-ра ⟦{flat}⟧",
            f"кв. № ⟦{flat}⟧",
            f"д. 5 – ⟦{flat}⟧",
            f"<b>кв.</b> ⟦{flat}⟧",
        )
    )


def make_snils(rng: random.Random) -> str:
    """Return eleven digits with the check of a СНИЛС."""
    digits = f"{rng.randrange(2_000_000, 200_000_000):09d}"
    total = sum(int(digit) * (9 - place) for place, digit in enumerate(digits))
    return f"{digits}{total % 101 % 100:02d}"


def make_inn(rng: random.Random) -> str:
    """Return twelve digits with the checks of a person's ИНН."""
    digits = [int(digit) for digit in f"{rng.randrange(10**9, 10**10)}"]
    for weights in ((7, 2, 4, 10, 3, 5, 9, 4, 6, 8), (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)):
        digits.append(sum(a * b for a, b in zip(digits, weights, strict=True)) % 11 % 10)
    return "".join(map(str, digits))


def make_card(rng: random.Random) -> str:
    """Return sixteen digits that pass Luhn's check."""
    digits = [int(digit) for digit in f"{rng.choice('245')}{rng.randrange(10**14):014d}"]
    total = sum(digit if place % 2 else sum(divmod(2 * digit, 10)) for place, digit in enumerate(digits))
    return "".join(map(str, [*digits, -total % 10]))


def wide(text: str) -> str:
    """Return digits in full width."""
    return "".join(chr(ord(character) + 0xFEE0) if character.isdigit() else character for character in text)


def hide(text: str) -> str:
    """Return a text with an invisible character in its middle."""
    middle = len(text) // 2
    return f"{text[:middle]}\u200b{text[middle:]}"


def look_alike(text: str) -> str:
    """Return a text with Latin letters where they look the same."""
    return text.translate(str.maketrans("аеорсх", "aeopcx"))


Speller = Callable[[random.Random], str]
# Kind: plain spellings, hostile spellings, least share that must be masked.
KINDS: dict[str, tuple[Speller, Speller, float]] = {
    "phone": (spell_phone, spell_phone_hostile, 0.99),
    "email": (spell_email, spell_email_hostile, 0.99),
    "document": (spell_document, spell_document_hostile, 0.99),
    "flat": (spell_flat, spell_flat_hostile, 0.97),
    "name": (spell_name, spell_name_hostile, 0.95),
}
# What must stay as it is.
_DECOYS = """
ул. Ивана Франко, 5|на Карла Маркса 12|проспект Ленина, 4|площадь им. В.И. Ленина|ул. Розы Люксембург|маршрут 23т
от Кирова до Ленина|школа имени Юрия Гагарина|дом 5 корпус 2|дома 5-12|ул. Мира 5/12|35 кв. м|в 1 кв. 2026 года
в квартире 16 градусов|обращение № 12345678|с 12.05.2026 по 14.05.2026|8-800-555-35-35|ГОСТ Р 52289-2019|в 14:30
1 500 000 рублей|г. Ленинск-Кузнецкий|ООО «Управляющая компания»|Кемеровский район|автобус № 101|300 000 000
п. 9.9 и п. 12.1 ПДД|температура 38,5|администрация г. Кемерово|ТСЖ «Весна»|Слава Богу|2 подъезд 5 этаж|112
микрорайон Южный, 7|дом 12а|пр. Октябрьский, 78|улица Героя Советского Союза Ивана Петрова|пер. Щорса|до 22 часов
2021-2022 годы|у магазина Магнит|Пермский край|детский сад № 8|подстанция 110 кВ|код 0042-17|с 8 до 17|кв. 35 метров
"""
DECOYS = [decoy for line in _DECOYS.split("\n") for decoy in line.split("|") if decoy]
