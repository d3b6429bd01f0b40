"""What stands at an address: one alert, an Atom or RSS feed, an EDXL-DE envelope. Recognised, never configured. Pure.

An entry of a feed carries its alert (a whole one, CAP's elements beside the feed's own, or GDACS' elements) or links
to it. The two last are written as an `alert` element, so that everything is read by one reader.
Source: RFC 4287 (Atom), RSS 2.0, EDXL-DE 1.0, GDACS feed (www.gdacs.org/feed_reference.aspx).
"""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement

import msgspec

from datasources.cap.messages import is_alert, is_cap, local_name
from svodka.domain.errors import SourceContractBrokenError

CAP_TYPE = "application/cap+xml"
_XML_TYPES = frozenset({CAP_TYPE, "application/xml", "text/xml", "application/common-alerting-protocol+xml"})
_GDACS = "{http://www.gdacs.org}"
_GEORSS = "{http://www.georss.org/georss}point"
_W3C_POINT = "{http://www.w3.org/2003/01/geo/wgs84_pos#}"
_OF_MESSAGE = frozenset({"identifier", "sender", "sent", "status", "msgType", "scope", "references"})
_OF_AREA = frozenset({"areaDesc", "polygon", "circle", "geocode"})
_GDACS_SEVERITY = {"green": "Minor", "orange": "Severe", "red": "Extreme"}


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One entry.

    Attributes:
        element: As it came, for the quarantine.
        alerts: The messages that it carries.
        link: Address of the alert where it carries none, perhaps relative; "" where it names none.
        changed: Its own time of change as it stands there: a document is read again when it changes.
        open_ended: It says that the event goes on and names no end.
    """

    element: Element
    alerts: tuple[Element, ...]
    link: str = ""
    changed: str = ""
    open_ended: bool = False


def items_of(root: Element, *, max_entries: int) -> list[Item]:
    """Return the entries of a document in its order.

    Args:
        root: Its root.
        max_entries: Most that are read.

    Returns:
        The entries; a feed without any is empty.

    Raises:
        SourceContractBrokenError: The document is of no known kind, or has too many entries.
    """
    name = local_name(root)
    if is_alert(root):
        return [Item(element=root, alerts=(root,))]
    if name == "feed":
        entries = [child for child in root if local_name(child) == "entry"]
    elif name == "rss":
        entries = [child for channel in root if local_name(channel) == "channel" for child in channel]
        entries = [child for child in entries if local_name(child) == "item"]
    elif name == "EDXLDistribution":
        entries = [child for child in root if local_name(child) == "contentObject"]
    else:
        message = "the document is neither a CAP alert nor an Atom, RSS or EDXL-DE document"
        raise SourceContractBrokenError(message)
    items = [_item(entry) for entry in entries[: max_entries + 1]]
    found_n = max(len(entries), sum(len(item.alerts) for item in items))
    if found_n > max_entries:
        message = f"the feed has {found_n} entries, more than max_entries ({max_entries})"
        raise SourceContractBrokenError(message)
    return items


def _item(entry: Element) -> Item:
    whole = tuple(element for element in entry.iter() if is_alert(element))
    if whole:
        return Item(element=entry, alerts=whole)
    if _text(entry, f"{_GDACS}eventtype"):
        is_current = _text(entry, f"{_GDACS}iscurrent").casefold() == "true"
        return Item(element=entry, alerts=(_from_gdacs(entry, is_current=is_current),), open_ended=is_current)
    inline = [child for child in entry if "}" in child.tag and is_cap(child)]
    if any(local_name(child) in {"event", "severity", "areaDesc"} for child in inline):
        return Item(element=entry, alerts=(_from_inline(entry, inline),))
    return Item(element=entry, alerts=(), link=_link(entry), changed=_changed(entry))


def _from_inline(entry: Element, inline: list[Element]) -> Element:
    alert = Element("alert")
    info = SubElement(alert, "info")
    area = SubElement(info, "area")
    for child in inline:
        name = local_name(child)
        (alert if name in _OF_MESSAGE else area if name in _OF_AREA else info).append(_renamed(child, name))
    own = {local_name(child) for child in inline}
    for name, text in (
        ("identifier", _local(entry, "id") or _local(entry, "guid")),
        ("sent", _changed(entry)),
        ("msgType", "Alert"),
    ):
        if name not in own:
            SubElement(alert, name).text = text
    if "headline" not in own:
        SubElement(info, "headline").text = _local(entry, "title")
    return alert


def _from_gdacs(entry: Element, *, is_current: bool) -> Element:
    alert = Element("alert")
    changed = _text(entry, f"{_GDACS}datemodified") or _changed(entry)
    for name, text in (
        ("identifier", _local(entry, "guid")),
        ("sender", "gdacs"),
        ("sent", changed),
        ("status", "Actual"),
        ("msgType", "Alert"),
    ):
        SubElement(alert, name).text = text
    info = SubElement(alert, "info")
    kind = _text(entry, f"{_GDACS}eventtype")
    for name, text in (
        ("event", kind),
        ("severity", _GDACS_SEVERITY.get(_text(entry, f"{_GDACS}alertlevel").casefold(), "Unknown")),
        ("onset", _text(entry, f"{_GDACS}fromdate")),
        ("expires", "" if is_current else _text(entry, f"{_GDACS}todate")),
        ("headline", _local(entry, "title")),
    ):
        SubElement(info, name).text = text
    area = SubElement(info, "area")
    SubElement(area, "areaDesc").text = _text(entry, f"{_GDACS}country")
    place = _text(entry, _GEORSS).split()
    if len(place) != 2:  # noqa: PLR2004 - latitude and longitude
        place = [_text(entry, f"{_W3C_POINT}Point/{_W3C_POINT}{name}") for name in ("lat", "long")]
    if any(place):
        SubElement(area, "circle").text = f"{place[0]},{place[1]} 0"
    return alert


def _renamed(element: Element, name: str) -> Element:
    copy = Element(name)
    copy.text = element.text
    copy.extend(list(element))
    return copy


def _link(entry: Element) -> str:
    """Return where an entry's alert stands: what is marked as CAP first, then what may be XML; no pages."""
    found: dict[int, str] = {}
    for child in entry:
        name, media_type = local_name(child), child.get("type", "").partition(";")[0].strip().lower()
        href = child.get("href") or child.get("url") or (child.text or "").strip()
        if child.tag == f"{_GDACS}cap" or (name in {"link", "enclosure"} and media_type == CAP_TYPE):
            found.setdefault(0, href)
        elif name in {"link", "enclosure"} and media_type in _XML_TYPES:
            found.setdefault(1, href)
        elif name == "link" and not media_type and child.get("rel", "alternate") == "alternate":
            found.setdefault(2, href)
    return found[min(found)] if found else ""


def _changed(entry: Element) -> str:
    return next(
        (text for name in ("updated", "pubDate", "published", "date") if (text := _local(entry, name))),
        "",
    )


def _local(entry: Element, name: str) -> str:
    return next(((child.text or "").strip() for child in entry if local_name(child) == name), "")


def _text(entry: Element, path: str) -> str:
    return (entry.findtext(path) or "").strip()
