"""What of a citizen's text may be shown: phones, e-mails, documents, cards, cars and flats are taken out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svodka.domain.clock import monotonic_s
from svodka.domain.masking import Kind, find_personal, mask

PHONES = [
    "+7 (904) 123-45-67",
    "8 904 123 45 67",
    "89041234567",
    "8-904-123-45-67",
    "8.904.123.45.67",
    "8(904)1234567",
    "9041234567",
    "904 123 45 67",
    "8 (342) 212-34-56",
    "(342) 212-34-56",
    "212-34-56",
    "+375 29 123-45-67",
    "8 9 0 4 1 2 3 4 5 6 7",
    "8 9О4 12З 45 67",
    "８９０４１２３４５６７",
    "8️⃣9️⃣0️⃣4️⃣1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣7️⃣",
    "8\u200b904\u20601234567",
    "8\u00a0904\u2009123\u201145\u201367",
    "٨٩٠٤١٢٣٤٥٦٧",
    "8&nbsp;904&nbsp;123-45-67",
    "8904<b>123</b>4567",
]


@pytest.mark.parametrize("phone", PHONES)
def test_a_phone_is_found_however_it_is_written(phone):
    assert mask(f"Звоните {phone}, жду") == "Звоните [телефон], жду"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("тел. 52-34-56", "тел. [телефон]"),
        ("т.5-12-34, после шести", "т.[телефон], после шести"),
        ("горячая линия 8-800-555-35-35", "горячая линия 8-800-555-35-35"),
        ("с 8 30.09.2022 14:30 нет воды", "с 8 30.09.2022 14:30 нет воды"),
        ("дома 8, 11, 13, 15, 17, 19", "дома 8, 11, 13, 15, 17, 19"),
        ("обращение № 3422123456", "обращение № 3422123456"),
        ("с 12-05-22 по 14-05-22", "с 12-05-22 по 14-05-22"),
        ("в 2021 году 300 000 000 рублей", "в 2021 году 300 000 000 рублей"),
    ],
)
def test_what_is_like_a_phone_is_told_from_one(text, expected):
    assert mask(text) == expected


@pytest.mark.parametrize(
    "email",
    [
        "ivan.petrov+1@mail.ru",
        "ivan @ mail . ru",
        "ivan(at)mail.ru",
        "ivan[собака]mail.ru",
        "ivan собака mail точка ru",
        "ivan@mail,ru",
        "иван@почта.рф",
        "ivan\u200b@\u200bmail.ru",
        "ivan＠mail.ru",
        "ivan&#64;mail.ru",
        "ivan%40mail.ru",
    ],
)
def test_an_e_mail_address_is_found_however_it_is_written(email):
    assert mask(f"пишите: {email}") == "пишите: [почта]"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("паспорт 4512 345678 выдан", "паспорт [документ] выдан"),
        ("паспорт: серия 4512 номер 345678", "паспорт: серия [документ]"),
        ("45 12 № 345678", "[документ]"),
        ("II-ВГ № 654321", "[документ]"),
        ("112-233-445 95", "[документ]"),
        ("СНИЛС 11223344595", "СНИЛС [документ]"),
        ("ИНН 590212345678", "ИНН [документ]"),
        ("500100732259", "[документ]"),
        ("л/с 574744", "л/с [документ]"),
        ("полис ОМС 5912 3456 7890 1234", "полис ОМС [карта]"),
        ("карта 4276 1234 5678 9012", "карта [карта]"),
        ("4561261212345467", "[карта]"),
        ("А123ВС159 и а123вс159", "[госномер] и [госномер]"),
        ("A123BC 59 rus", "[госномер]"),
        ("06.09.1995 г.р.", "[дата рождения] г.р."),
        ("на высоте в 100 см 20 июня", "на высоте в 100 см 20 июня"),
    ],
)
def test_numbers_of_documents_cards_and_cars(text, expected):
    assert mask(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ул. Ленина, д. 5, кв. 12", "ул. Ленина, д. 5, [квартира]"),
        ("Ленина 5 кв12", "Ленина 5 [квартира]"),
        ("Ленина 5 квартира № 12а.", "Ленина 5 [квартира]."),
        ("в кв. 12, 14 и 16.", "в [квартира]."),
        ("д. 5-12", "д. 5-[квартира]"),
        ("ул. Ленина 5а - 12", "ул. Ленина 5а - [квартира]"),
        ("проживаю: ул. Ленина 5/12", "проживаю: ул. Ленина 5/[квартира]"),
        ("в 45 квартире шум", "в [квартира] шум"),
        ("из 12-й квартиры", "из [квартира]"),
        ("квaртира 12", "[квартира]"),
    ],
)
def test_the_flat_goes_and_the_house_stays(text, expected):
    assert mask(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "дома 5-12 по ул. Ленина",
        "ул. Ленина 5/12",
        "квартира 35 кв. м",
        "в 1 кв. 2022 года",
        "кабель 6 кВ 12 км",
        "все 3 квартиры",
        "Нет воды в доме 5 корпус 2",
    ],
)
def test_what_is_no_flat_stays(text):
    assert mask(text) == text


def test_kinds_and_places_are_told():
    assert [(each.start, each.end, each.kind) for each in find_personal("т. 89041234567, кв. 5")] == [
        (3, 14, Kind.PHONE),
        (16, 21, Kind.FLAT),
    ]


DIGITS_AND_SIGNS = ["8", "8 9", "1-", "+7", "(", "a@", "a.", "a@a.", "&#", "<a ", "%40", "[id1|", "\u0301", "ﷺ"]
WORDS = ["кв ", "д. 5-", "ул. а ", "тел ", "паспорт ", "карта 4 ", "І-", "А1", "живу ", "собака "]


@pytest.mark.parametrize("piece", [*DIGITS_AND_SIGNS, *WORDS])
def test_a_text_made_to_be_slow_is_not(piece):
    """A quarter of a megabyte; `bench.masking` shows that the time grows with the length up to a megabyte."""
    text = (piece * 250_000)[:250_000]
    begun_s = monotonic_s()
    mask(text)
    assert monotonic_s() - begun_s < 3


@given(st.text(alphabet=st.sampled_from("0123456789 +-()./@кводултрa№\u200b&;<>"), max_size=60))
def test_what_was_masked_holds_nothing_to_mask(text):
    once = mask(text)
    assert mask(once) == once
