"""Tables: what a spreadsheet or a CSV file says, what a hostile one does, and how a folder is watched."""

from __future__ import annotations

import io
import os
import random
import tracemalloc
import zipfile
from collections import Counter
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import msgspec
import pytest

from datasources.registry import build_connector
from datasources.table.params import preset_names, read_table_params
from datasources.table.reading import Reading
from datasources.table.workbook import Workbook
from svodka.domain.errors import ProfileError, SourceContractBrokenError, SourceUnavailableError
from svodka.domain.records import Completeness
from svodka.profiles.model import SourceConfig
from tests.contracts.cases import load_cases
from tests.contracts.hostile import MIB, answer
from tests.spreadsheets import raw_spreadsheet, spreadsheet

HEAD = "№;Дата;Статус;Текст\n"
CSV = HEAD + "1;21.11.2026 10:00;новое;яма\n2;21.11.2026 11:00;новое;снег\n"
IDS = ("1", "2")


def table_source(url="{simulator}/t", *, records="appeals", fields=None, **params):
    named = {"id": ["№"], "started_at": "Дата", "status": "Статус"} | (fields or {"text": "Текст"})
    return SourceConfig(
        id="t",
        name="T",
        connector="table",
        records=records,
        channel="letter" if records == "appeals" else None,
        url=url,
        interval_s=5,
        ageing_s=30,
        stale_s=60,
        dead_s=300,
        time_zone="Asia/Novokuznetsk",
        close_after_missing_polls=3 if records == "incidents" else None,
        params={"fields": named, "statuses": {"новое": "new"}, **params},
    )


def read_whole(connector, cursor=None):
    """Poll to the end of what is there."""
    results = []
    while not results or results[-1].completeness is Completeness.PARTIAL:
        results.append(connector.poll(cursor))
        cursor = results[-1].cursor
        assert len(results) < 200
    return results, cursor


def ids_of(results):
    return tuple(record.foreign_id for result in results for record in result.records)


class Inbox:
    """A folder with a connector that watches it, and time that passes between two looks."""

    def __init__(self, folder, clock):
        self.folder, self.clock, self.cursor = folder, clock, None
        self.folder.mkdir()
        self.changed_s = 1_795_000_000

    def put(self, name, body):
        path = self.folder / name
        path.write_bytes(body if isinstance(body, bytes) else body.encode())
        self.changed_s += 60
        os.utime(path, (self.changed_s, self.changed_s))
        return path

    def connect(self, pattern="", **params):
        source = table_source(f"file://{self.folder}/{pattern}", **params)
        self.connector = build_connector(source, self.clock, folders=[self.folder.parent])
        return self

    def look(self, wait_s=30):
        self.clock.advance(seconds=wait_s)
        results, self.cursor = read_whole(self.connector, self.cursor)
        return results

    def ids(self, wait_s=30):
        return ids_of(self.look(wait_s))


@pytest.fixture
def inbox(tmp_path, clock):
    made = Inbox(tmp_path / "inbox", clock)
    yield made
    made.connector.close()


# --- what stands in a table


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_character_set_and_delimiter_of_a_table_are_found_out(server, connect, encoding, delimiter):
    server.behaviour = answer(CSV.replace(";", delimiter).encode(encoding), content_type="text/csv")
    result = connect(table_source()).poll(None)
    assert [record.text for record in result.records] == ["яма", "снег"]


def test_cyrillic_that_begins_late_is_read_too(server, connect):
    """The first megabytes are ASCII and the file is cp1251: a look at its beginning would call it UTF-8."""
    rows = "".join(f"{n};2026-11-21 10:00;;{'x' * 200}\n" for n in range(12_000))
    server.behaviour = answer(f"id;date;st;text\n{rows}99999;2026-11-21 10:00;;яма\n".encode("cp1251"))
    source = table_source(status_default="new", fields={"id": ["id"], "started_at": "date", "text": "text"})
    results, _ = read_whole(connect(source))
    assert (len(results), len(ids_of(results))) == (25, 12_001)
    assert results[-1].records[-1].text == "яма"


def test_a_time_of_a_spreadsheet_is_a_date_a_number_of_days_or_a_text(server, connect):
    at = datetime(2026, 11, 21, 10, 0)  # noqa: DTZ001 - a spreadsheet knows no zones
    rows = [
        ["№", "Дата", "Статус"],
        [1, at, "новое"],
        [2, 46347.4166666667, "новое"],
        [3, "46347,4166666667", "новое"],
        [4, "21.11.2026 10:00", "новое"],
        [5, 1795230000, "новое"],
    ]
    for from_1904 in (False, True):
        server.behaviour = answer(spreadsheet([rows[0], rows[1]] if from_1904 else rows, from_1904=from_1904))
        records = connect(table_source()).poll(None).records
        assert {record.received_at for record in records} == {datetime(2026, 11, 21, 3, 0, tzinfo=UTC)}
        assert len(records) == (1 if from_1904 else 5)


def test_a_date_that_can_be_read_two_ways_waits_for_its_form(server, connect):
    server.behaviour = answer((HEAD + "1;03/04/2026 10:00;новое;\n").encode())
    assert [each.reason.value for each in connect(table_source()).poll(None).rejected] == ["time_unreadable"]
    record = connect(table_source(time_formats=["%d/%m/%Y %H:%M"])).poll(None).records[0]
    assert record.received_at == datetime(2026, 4, 3, 3, 0, tzinfo=UTC)


@pytest.mark.attack(58)
def test_what_begins_like_a_formula_is_text(server, connect):
    words = ["=1+1", "+7 дом", "-1 этаж", "@все"]
    rows = [["№", "Дата", "Статус", "Текст"], *([n, "21.11.2026", "новое", word] for n, word in enumerate(words, 1))]
    server.behaviour = answer(spreadsheet(rows))
    assert [record.text for record in connect(table_source()).poll(None).records] == words


def test_a_column_has_aliases_and_its_spelling_does_not_matter(server, connect):
    server.behaviour = answer("НОМЕР  обращения:;Дата*;статус;Ещё\n7;21.11.2026;новое;да\n".encode())
    fields = {"id": [["№", "Номер обращения"]], "text": ["Текст", "еще"]}
    record = connect(table_source(fields=fields)).poll(None).records[0]
    assert (record.foreign_id, record.text) == ("7", "да")


def test_a_table_without_its_column_of_ids_is_refused_by_its_name(server, connect):
    server.behaviour = answer(b"a;b\n1;2\n")
    with pytest.raises(SourceContractBrokenError, match="column '№'"):
        connect(table_source()).poll(None)


def test_a_table_without_a_header_row_is_read_by_the_names_of_its_columns(server, connect):
    """Also where the export gets a header one day."""
    source = table_source(columns=["№", "Дата", "Статус", "Текст"])
    for body in (CSV, CSV.removeprefix(HEAD)):
        server.behaviour = answer(body.encode())
        assert ids_of([connect(source).poll(None)]) == IDS


def test_rows_without_a_number_of_their_own_keep_their_id_when_they_change(server, connect):
    source = table_source(fields={"id": ["Дата", "Текст"], "text": "Текст"}, id_from="hash", ended_column="Конец")
    seen = []
    for end in ("", "22.11.2026"):
        server.behaviour = answer(f"Дата;Текст;Конец\n21.11.2026;{'яма ' * 200};{end}\n".encode())
        record = connect(source).poll(None).records[0]
        seen.append((record.foreign_id, record.status.value))
    assert seen[0][0] == seen[1][0]
    assert len(seen[0][0]) == 24
    assert [status for _, status in seen] == ["new", "answered"]


def test_spam_and_sums_are_passed_over(server, connect):
    server.behaviour = answer((CSV + "3;21.11.2026;новое;СПАМ\nИтого: 3;;;\n;;;\n;Всего;;3\n").encode())
    result = connect(table_source(skip={"Текст": ["спам"]})).poll(None)
    assert (ids_of([result]), result.rejected, result.read_n) == (IDS, (), 6)
    assert result.skipped == {"skipped_row": 1, "total_row": 2, "empty_row": 1}


def test_a_sum_whose_count_stands_in_the_column_of_ids_is_passed_over(server, connect):
    """«Итого: 200» where the id is the second column; a row of its own that begins with the word stays."""
    table = "Примечание;№;Дата\nИтого не сделано;1;21.11.2026\nИтого;2;21.11.2026\nИтого не вышло;3;\nИтого:;3;\n"
    server.behaviour = answer(table.encode())
    result = connect(table_source(fields={"id": ["№"], "started_at": "Дата"}, status_default="new")).poll(None)
    assert ids_of([result]) == ("1", "2")
    assert [one.foreign_id for one in result.rejected] == ["3"]
    assert result.skipped == {"total_row": 1}


# --- hostile files


@pytest.mark.attack(58)
def test_a_spreadsheet_that_unpacks_without_end_is_refused_in_little_memory(server, connect):
    """A bomb by its ratio, one row of millions of cells, a cell at the far corner, and words without end."""
    row = '<row r="1"><c r="A1" t="inlineStr"><is><t>№</t></is></c>' + "<c/>" * 1_500_000 + "</row>"
    corner = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row><row r="99999999"/>'
    bodies = {
        "zip bomb": raw_spreadsheet("", parts={"xl/sharedStrings.xml": " " * (64 * MIB)}),
        "more rows, cells": raw_spreadsheet(row),
        "more rows": raw_spreadsheet(corner),
        "no header row": raw_spreadsheet(
            '<row r="1"><c t="inlineStr"><is><t>' + "яма" * 1_000_000 + "</t></is></c></row>"
        ),
        "than a spreadsheet can have": raw_spreadsheet("<a>" * 100_000),
    }
    for why, body in bodies.items():
        server.behaviour = answer(body)
        connector = connect(table_source())
        tracemalloc.start()
        try:
            with pytest.raises(SourceContractBrokenError, match=why):
                connector.poll(None)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert peak < 8 * MIB + 2 * len(body), why


@pytest.mark.attack(57)
@pytest.mark.parametrize(
    "entities",
    [
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>',
    ],
)
def test_a_spreadsheet_with_entities_is_refused(server, connect, entities):
    server.behaviour = answer(raw_spreadsheet('<row r="1"/>', prologue=entities))
    with pytest.raises(SourceContractBrokenError, match="document type"):
        connect(table_source()).poll(None)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old .xls or has a password"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "HTML"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><Workbook/>", "XML"),
        (spreadsheet([["a"]])[:900], "cut off or damaged"),
        (b"", "empty"),
        (b"\0" * 5000, "no text"),
        (b'a;b\n1;"' + b"x" * 200_000, "cannot be read|cut off|longer"),
        (b"x" * (2 * MIB), "longer|more than"),
    ],
)
def test_what_is_no_table_is_refused_with_a_sentence(server, connect, body, why):
    server.behaviour = answer(body)
    with pytest.raises(SourceContractBrokenError, match=why):
        connect(table_source()).poll(None)


@pytest.mark.attack(58)
def test_an_archive_that_is_no_workbook_is_refused(server, connect):
    nested = raw_spreadsheet("").replace(b"xl/workbook.xml", b"xl/workb00k.xml")
    server.behaviour = answer(nested)
    with pytest.raises(SourceContractBrokenError, match="no XLSX"):
        connect(table_source()).poll(None)


@pytest.mark.attack(58)
def test_a_sheet_is_read_only_from_inside_its_archive(server, connect):
    """The relation names a file of the machine; there is no such part, so there is no such sheet."""
    links = '<Relationships><Relationship Id="r1" Target="../../../../etc/passwd"/></Relationships>'
    with pytest.warns(UserWarning, match="Duplicate name"):
        body = raw_spreadsheet("", parts={"xl/_rels/workbook.xml.rels": links})
    assert Workbook(io.BytesIO(body)).sheets == ()
    server.behaviour = answer(body)
    with pytest.raises(SourceContractBrokenError, match="empty"):
        connect(table_source()).poll(None)


@pytest.mark.parametrize("keep", [0.4, 0.7, 0.95])
def test_a_table_cut_off_in_a_row_is_refused(server, connect, keep):
    body = (HEAD + "".join(f'{n};21.11.2026;новое;"яма; на\nдороге {n}"\n' for n in range(1000))).encode()
    cut = int(len(body) * keep)
    while body[cut - 1 : cut] != b";":
        cut -= 1
    server.behaviour = answer(body[:cut])
    with pytest.raises(SourceContractBrokenError, match="middle of a row"):
        read_whole(connect(table_source()))


# --- a watched folder


def test_a_file_is_left_until_it_has_stood_still_between_two_looks(inbox):
    inbox.connect()
    inbox.put("a.csv", HEAD + "1;21.11.2026;новое;я")
    assert inbox.ids() == ()
    inbox.put("a.csv", CSV)
    assert inbox.ids() == ()
    assert inbox.ids(wait_s=1) == ()
    assert inbox.ids() == IDS
    assert inbox.ids() == ()


def test_files_are_read_oldest_first_and_again_when_they_change(inbox):
    inbox.put("b.csv", HEAD + "old;21.11.2026;новое;\n")
    inbox.put("a.xlsx", spreadsheet([["№", "Дата", "Статус"], ["new", "21.11.2026", "новое"]]))
    inbox.connect()
    assert inbox.ids() == ()
    assert inbox.ids() == ("old", "new")
    changed = inbox.put("b.csv", HEAD + "old;21.11.2026;новое;\nmore;21.11.2026;новое;\n")
    assert inbox.ids() == ()
    assert inbox.ids() == ("old", "more")
    os.utime(changed)
    assert inbox.ids() == ()
    assert inbox.ids() == (), "touched, not changed"


def test_a_file_with_an_older_time_that_comes_late_is_not_missed(inbox):
    late = inbox.put("late.csv", HEAD + "9;21.11.2026;новое;\n")
    hidden = late.rename(inbox.folder.parent / "late.csv")
    inbox.put("a.csv", CSV)
    inbox.connect()
    inbox.look()
    assert inbox.ids() == IDS
    hidden.rename(late)
    inbox.look()
    assert inbox.ids() == ("9",)


def test_a_mended_mapping_reads_the_files_again(inbox):
    """What was set aside comes in; the size of a page is no part of the mapping."""
    inbox.put("a.csv", CSV + "3;21.11.2026;на контроле;x\n")
    inbox.connect()
    inbox.look()
    assert inbox.ids() == IDS
    inbox.connect(page_rows=7, statuses={"новое": "new"})
    assert inbox.ids() + inbox.ids() == ()
    inbox.connect(statuses={"новое": "new", "на контроле": "in_work"})
    assert inbox.ids() + inbox.ids() == (*IDS, "3")


def test_a_long_file_comes_in_pages_and_goes_on_in_another_process(inbox):
    inbox.put("a.csv", HEAD + "".join(f"{n};21.11.2026;новое;\n" for n in range(1, 1201)))
    inbox.connect(page_rows=500)
    inbox.look()
    inbox.clock.advance(seconds=30)
    first = inbox.connector.poll(inbox.cursor)
    assert (len(first.records), first.completeness) == (500, Completeness.PARTIAL)
    again = inbox.connector.poll(inbox.cursor)
    assert again.records == first.records, "the page was not stored: it is read once more"
    second, again = (inbox.connector.poll(first.cursor) for _ in range(2))
    assert again.records == second.records != first.records
    inbox.connector.close()
    inbox.connect(page_rows=500)
    results, _ = read_whole(inbox.connector, first.cursor)
    assert [len(result.records) for result in results] == [500, 200]
    assert ids_of([first, *results]) == tuple(str(n) for n in range(1, 1201))


def test_a_file_that_changes_while_it_is_read_is_read_again(inbox):
    inbox.put("a.csv", HEAD + "".join(f"{n};21.11.2026;новое;\n" for n in range(1, 801)))
    inbox.connect()
    inbox.look()
    inbox.clock.advance(seconds=30)
    first = inbox.connector.poll(inbox.cursor)
    inbox.put("a.csv", HEAD + "".join(f"{n};22.11.2026;новое;\n" for n in range(1, 801)))
    _, inbox.cursor = read_whole(inbox.connector, first.cursor)
    final = [result for _ in range(2) for result in inbox.look()]
    assert set(ids_of(final)) == {str(n) for n in range(1, 801)}
    assert all(record.received_at.day == 21 for result in final for record in result.records)


def test_a_file_that_changes_in_the_last_moment_is_read_again(inbox, monkeypatch):
    """Between the look at the folder and the end of the reading: what was read is not what stands there."""
    inbox.put("a.csv", CSV)
    inbox.connect()
    inbox.look()
    read = inbox.connector._next_page

    def read_and_change():
        page = read()
        inbox.put("a.csv", HEAD + "3;21.11.2026;новое;\n")
        return page

    monkeypatch.setattr(inbox.connector, "_next_page", read_and_change)
    assert inbox.ids() == IDS
    monkeypatch.undo()
    assert inbox.ids() == ()
    assert inbox.ids() == ("3",)


def test_a_damaged_file_holds_up_no_other_and_is_named_until_it_is_gone(inbox):
    broken = inbox.put("1-broken.xlsx", b"PK\x03\x04 and no more")
    inbox.put("2-good.csv", CSV)
    inbox.connect()
    inbox.look()
    inbox.clock.advance(seconds=30)
    result = inbox.connector.poll(inbox.cursor)
    assert (ids_of([result]), result.completeness) == (IDS, Completeness.PARTIAL)
    for _ in range(2):
        with pytest.raises(SourceContractBrokenError, match=r"1-broken\.xlsx"):
            inbox.connector.poll(result.cursor)
    broken.unlink()
    assert inbox.connector.poll(result.cursor).completeness is Completeness.COMPLETE


def test_what_comes_while_a_damaged_file_lies_there_is_read(inbox):
    """Failed polls leave the cursor as it was: the new file must have stood still all the same."""
    inbox.put("1-broken.xlsx", b"PK\x03\x04 and no more")
    inbox.connect()
    inbox.look()
    cursor = inbox.cursor
    for name, rows in (("2.csv", CSV), ("3.csv", HEAD + "3;21.11.2026;новое;\n")):
        inbox.clock.advance(seconds=30)
        inbox.put(name, rows)
        with pytest.raises(SourceContractBrokenError, match=r"1-broken\.xlsx"):
            inbox.connector.poll(cursor)
        inbox.clock.advance(seconds=30)
        result = inbox.connector.poll(cursor)
        cursor = result.cursor
        assert ids_of([result]) == (IDS if name == "2.csv" else ("3",))


@pytest.mark.attack(58)
def test_no_link_and_no_name_leads_out_of_the_folder(inbox, tmp_path):
    secret = tmp_path / "secret.csv"
    secret.write_text(CSV, encoding="utf-8")
    inbox.connect()
    (inbox.folder / "link.csv").symlink_to(secret)
    (inbox.folder / "sub.csv").mkdir()
    os.mkfifo(inbox.folder / "pipe.csv")
    (inbox.folder / ".hidden.csv").write_text(CSV, encoding="utf-8")
    assert inbox.ids() == ()
    assert inbox.ids() == ()
    inside = inbox.connector._folder
    for name in ("../secret.csv", "link.csv", "pipe.csv", str(secret)):
        with pytest.raises((SourceContractBrokenError, SourceUnavailableError)):
            inside.open(name)
    for entry in inbox.folder.iterdir():
        entry.rmdir() if entry.is_dir() else entry.unlink()
    inbox.folder.rmdir()
    inbox.folder.symlink_to(tmp_path)
    with pytest.raises(SourceContractBrokenError, match="link elsewhere"):
        inside.look()


@pytest.mark.attack(56, 58)
@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/",
        "file:///etc/passwd",
        "file://{inbox}/../../etc/",
        "file://{inbox}/%2e%2e/x.csv",
        "file://{inbox}/*/x.csv",
        "file://elsewhere/share/",
        "file:relative.csv",
        "file://{inbox}/out/",
        "ftp://example.org/a.csv",
        "gopher://127.0.0.1/",
    ],
)
def test_a_folder_that_was_not_allowed_is_refused_at_start(tmp_path, clock, url):
    folder = tmp_path / "inbox"
    folder.mkdir()
    (folder / "out").symlink_to("/etc")
    with pytest.raises(ProfileError, match="source 't'"):
        build_connector(table_source(url.replace("{inbox}", str(folder))), clock, folders=[folder])


def test_only_tables_come_from_folders(tmp_path, clock):
    source = msgspec.structs.replace(
        table_source(f"file://{tmp_path}/"),
        connector="http_json",
        params={"fields": {"id": ["id"], "started_at": "at"}},
    )
    with pytest.raises(ProfileError, match="not an http or https address"):
        build_connector(source, clock, folders=[tmp_path])


def test_a_folder_that_is_away_is_tried_again_and_too_many_files_are_refused(inbox):
    inbox.connect(max_files=2)
    for n in range(3):
        inbox.put(f"{n}.csv", CSV)
    with pytest.raises(SourceContractBrokenError, match="more than 2 files"):
        inbox.look()
    for path in inbox.folder.iterdir():
        path.unlink()
    inbox.folder.rmdir()
    with pytest.raises(SourceUnavailableError, match="cannot be looked into"):
        inbox.look()


def test_a_folder_in_which_nothing_new_arrives_is_a_source_that_is_silent(inbox):
    inbox.put("a.csv", CSV)
    inbox.connect(expect_new_h=26)
    inbox.clock.set(datetime.fromtimestamp(inbox.changed_s, UTC))
    inbox.look()
    assert inbox.ids() == IDS
    inbox.look(wait_s=25 * 3600)
    with pytest.raises(SourceUnavailableError, match="no file has come for 27 h"):
        inbox.look(wait_s=2 * 3600)


def test_a_list_of_what_is_open_is_one_whole_answer_and_no_file_is_no_list(inbox):
    fields = {"title": "Текст"}
    inbox.connect(records="incidents", missing="closed", fields=fields, page_rows=1)
    inbox.put("1.csv", CSV)
    inbox.put("2.csv", HEAD + "2;21.11.2026;новое;\n")
    assert [result.lists_all_open for result in inbox.look()] == [False]
    results = inbox.look()
    assert [ids_of([result]) for result in results] == [IDS, ("2",)]
    assert [result.lists_all_open for result in results] == [False, True]
    assert [result.lists_all_open for result in inbox.look()] == [False]
    os.utime(inbox.folder / "2.csv")
    assert [result.lists_all_open for _ in range(2) for result in inbox.look()] == [False, False], "touched"


def test_a_large_table_takes_no_more_memory_than_a_small_one(inbox):
    """24 MB of CSV; what is held at once is a page."""
    path = inbox.folder / "large.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write(HEAD)
        file.writelines(f"{n};21.11.2026 10:00;новое;{'яма на дороге ' * 80}\n" for n in range(12_000))
    os.utime(path, (1_795_000_000, 1_795_000_000))
    inbox.connect()
    inbox.look()
    inbox.clock.advance(seconds=30)
    cursor, read_n, complete = inbox.cursor, 0, False
    tracemalloc.start()
    try:
        while not complete:
            result = inbox.connector.poll(cursor)
            cursor, read_n, complete = result.cursor, read_n + result.read_n, result.completeness == "complete"
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert path.stat().st_size > 22 * MIB
    assert (read_n, peak < 6 * MIB) == (12_000, True), peak


# --- presets


def test_every_preset_names_its_source_and_can_be_used():
    import tomllib

    from datasources.table.params import PRESETS

    assert preset_names() == ("bi-problems", "heat-map-mo", "incident-management", "nyc-311")
    for name in preset_names():
        provenance = tomllib.loads((PRESETS / f"{name}.toml").read_text("utf-8"))["provenance"]
        assert provenance["date"] == "2026-11-22"
        assert "official" in provenance["note"] or "официальное" in provenance["note"]
        source = msgspec.structs.replace(table_source(), params={"preset": name, "statuses": {"особое": "in_work"}})
        params = read_table_params(source)
        assert params.statuses["особое"] == "in_work"
        assert set(params.statuses.values()) <= {"new", "in_work", "answered", "rejected"}


def test_the_heat_map_of_the_moscow_region_is_read_by_its_preset(server, connect):
    head = "Внутренний Id,ОМСУ,Источник,Направление,Синт. группа,Подтема,Факт,Исполнитель,Статус,"
    head += "Спам (да/нет),Дата (первого взятия в работу),Адрес (формат)"
    states = (
        "Закрыта",
        "Готово",
        "Оценка обратной связи",
        "Архивирован",
        "Возврат",
        "Отложено",
        "исполнение",
        "в работе",
        "согласование",
        "модерация",
        "уточнение",
        "редактирование",
        "внешн.",
        "реакция",
        "Инцидент",
    )
    rows = [
        f"{n},Химки,Добродел,Двор,,Лавки,Нет лавки,УК,{state},нет,21.11.2026 10:00,ул. Мира"
        for n, state in enumerate(states)
    ]
    rows.append("99,Химки,Добродел,Двор,,Лавки,Купите,УК,Готово,Да,21.11.2026 10:00,ул. Мира")
    server.behaviour = answer("\n".join([head, *rows, ""]).encode())
    result = connect(msgspec.structs.replace(table_source(), params={"preset": "heat-map-mo"})).poll(None)
    assert (len(result.records), result.rejected) == (len(states), ())
    kinds = [record.status.value for record in result.records]
    assert [kinds.count(stage) for stage in ("answered", "rejected", "new", "in_work")] == [3, 1, 1, 10]
    assert {(record.topic_code, record.area_name, record.text) for record in result.records} == {
        ("Двор", "Химки", "Нет лавки")
    }


def test_an_unknown_preset_is_named(clock):
    source = msgspec.structs.replace(table_source(), params={"preset": "nowhere"})
    with pytest.raises(ProfileError, match="'nowhere' is none of bi-problems"):
        build_connector(source, clock, simulator_url="http://127.0.0.1:9")


# --- damaged by chance

PIECES = (
    b"<c>",
    b'<row r="5">',
    b'"',
    b"\n",
    b"<",
    b"&#0;",
    b"&lt;",
    b's="99999"',
    b't="s"',
    b"1e999",
    b"-1",
    b"\xff",
    b";",
    b"<v>",
    b"nan",
)
PARTS = (
    "xl/workbook.xml",
    "xl/worksheets/sheet2.xml",
    "xl/sharedStrings.xml",
    "xl/styles.xml",
    "xl/_rels/workbook.xml.rels",
)


def damaged(body, chance):
    found = bytearray(body)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(found) + 1)
        match chance.randrange(3):
            case 0:
                found[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                found[at:at] = chance.choice(PIECES)
            case _:
                del found[at : at + chance.randint(1, 30)]
    return bytes(found)


@pytest.mark.attack(58)
@pytest.mark.parametrize("case_name", ["table-csv", "table-xlsx"])
def test_a_table_damaged_by_chance_is_read_or_refused_and_nothing_else(case_name):
    case = next(case for case in load_cases() if case.name == case_name)
    params = read_table_params(case.source)
    chance = random.Random(7)
    ends = Counter()
    for n in range(400):
        body = damaged(case.page, chance)
        if case.page.startswith(b"PK") and n % 2:
            body = repacked(case.page, chance.choice(PARTS), chance)
        try:
            reading = Reading(
                io.BytesIO(body), params, digest="", records=case.source.records, zone=ZoneInfo("Asia/Novokuznetsk")
            )
            page = reading.next_page(500)
            msgspec.json.encode([page.records, page.rejected])
            ends["read"] += 1
        except SourceContractBrokenError:
            ends["refused"] += 1
    assert min(ends["read"], ends["refused"]) >= 5, ends


def repacked(body, part, chance):
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as old, zipfile.ZipFile(file, "w") as new:
        for name in old.namelist():
            new.writestr(name, damaged(old.read(name), chance) if name == part else old.read(name))
    return file.getvalue()
