"""Fields of a record as it came (JSON) whose name says that their content is personal. Pure.

A surname or a number of a flat that stands alone in a field of its own has no form by which it could be known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from svodka.domain.masking.found import Found, Kind

_NAMES = (
    r"(?:(?:first|last|middle|full|sur|given|family|contact|person|author|applicant|user|citizen|client)[_\- ]?name"
    r"|patronymic|surname|applicant|citizen|author|fio|фио|ф\.и\.о\.|имя|фамилия|отчество|заявитель|автор|гражданин"
    r"|контактное лицо|абонент|фио [а-яё]{1,20}|имя [а-яё]{1,20})"
)
_PHONES = (
    r"(?:(?:mobile|cell|contact|home|work)?[_\- ]?phone(?:[_\- ]?number)?|tel|mobile"
    r"|телефон[а-яё ]{0,20}|тел\.?|моб\.? ?тел\.?)"
)
_EMAILS = r"(?:e?[_\- ]?mail(?:[_\- ]?address)?|эл(?:ектронная|\.)? ?почта|e-mail|адрес электронной почты)"
_FLATS = r"(?:flat|apartment|apt|room|квартира|кв\.?|номер квартиры|помещение|комната)"
_DOCUMENTS = r"(?:passport|snils|inn|policy|document|account|паспорт|снилс|инн|полис|омс|лицевой сч[её]т|л/с|документ)"
_BIRTHS = r"(?:birth[_\- ]?da(?:te|y)|born|дата рождения|др|д\.р\.)"
_KINDS = {
    "name": Kind.NAME,
    "phone": Kind.PHONE,
    "email": Kind.EMAIL,
    "flat": Kind.FLAT,
    "document": Kind.DOCUMENT,
    "birth": Kind.BIRTH,
}
_FIELD = re.compile(
    rf'"(?:(?P<name>{_NAMES})|(?P<phone>{_PHONES})|(?P<email>{_EMAILS})|(?P<flat>{_FLATS})|(?P<document>{_DOCUMENTS})'
    rf'|(?P<birth>{_BIRTHS}))" ?: ?(?:"(?P<words>[^"\\]{{1,400}})|(?P<number>[0-9]{{1,24}}))',
    re.IGNORECASE,
)


def find_fields(text: str) -> Iterator[Found]:
    """Yield contents of fields that are personal by their names.

    Args:
        text: A shadow (`svodka.domain.masking.folding`).
    """
    if '"' not in text:
        return
    for match in _FIELD.finditer(text):
        kind = next(kind for name, kind in _KINDS.items() if match[name] is not None)
        content = "words" if match["words"] is not None else "number"
        yield Found(match.start(content), match.end(content), kind)
