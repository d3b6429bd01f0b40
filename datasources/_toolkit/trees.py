"""XML as nested values, read with the same dotted paths as JSON. Pure.

`place.name` is the text of an element, `place.name@lang` an attribute, `@id` one of the record itself; of a name that
repeats the first counts, `item[1]` is the second. Namespaces are left out.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element

from svodka.domain.errors import SourceContractBrokenError

_MAX_DEPTH = 16


def elements_at(root: Element, path: str) -> list[Element]:
    """Return the records of a document: all elements of the last name, within the first of each name before it.

    Args:
        root: Root of the document.
        path: Names below the root, dotted; "" for its children.

    Returns:
        The elements, none where the list is empty.

    Raises:
        SourceContractBrokenError: What should hold them is not there.
    """
    here = root
    *outer, last = path.split(".") if path else [""]
    for name in outer:
        found = next((child for child in here if _name(child.tag) == name), None)
        if found is None:
            message = f"the answer has no list at {path!r}"
            raise SourceContractBrokenError(message)
        here = found
    return [child for child in here if not last or _name(child.tag) == last]


def record_value(element: Element) -> object:
    """Return one record: an object, or its text where it has neither children nor attributes."""
    value = _value(element, 0)
    attributes = {f"@{_name(name)}": text for name, text in element.attrib.items()}
    if not attributes:
        return value
    return attributes | (value if isinstance(value, dict) else {"#text": value})


def _value(element: Element, depth: int) -> object:
    if not len(element) or depth >= _MAX_DEPTH:
        return (element.text or "").strip() or None
    value: dict[str, object] = {}
    seen: dict[str, int] = {}
    for child in element:
        name = _name(child.tag)
        number = seen[name] = seen.get(name, -1) + 1
        inner = _value(child, depth + 1)
        places = (name, f"{name}[0]") if number == 0 else (f"{name}[{number}]",)
        for place in places:
            value[place] = inner
            value |= {f"{place}@{_name(key)}": text for key, text in child.attrib.items()}
    return value


def _name(tag: str) -> str:
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""
