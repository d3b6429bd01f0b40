"""`python app.py mapping`: from a table that nobody described to a source that works."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime

import pytest

import app
from datasources.registry import build_connector, check_against
from svodka.domain.clock import ManualClock
from svodka.domain.records import AppealStatus, Completeness
from svodka.profiles.reader import load_profile
from tests.spreadsheets import spreadsheet

ROWS = [
    ["Реестр обращений"],
    [],
    ["№ п/п", "Дата поступления", "Состояние", "Текст обращения", "Муниципалитет", "Исполнитель", "Цвет"],
    [1, "03/04/2026 10:00", "В работе", "Яма на дороге", "Кемерово", "УК", "x"],
    [2, "13/04/2026 11:30", "Решено", "Нет света", "Тайга", "УК"],
    [3, "14/04/2026 12:00", "На контроле", "Снег", "Тайга", "УК"],
    ["Итого", 3],
]


def csv_of(rows):
    return "".join(";".join(str(cell) for cell in row) + "\n" for row in rows).encode("cp1251")


@pytest.mark.parametrize(("name", "body"), [("t.csv", csv_of(ROWS)), ("t.xlsx", spreadsheet(ROWS))])
def test_a_proposed_mapping_becomes_a_source_when_its_questions_are_answered(tmp_path, capsys, name, body):
    (tmp_path / name).write_bytes(body)
    assert app.main(["mapping", "guess", str(tmp_path / name)]) == 1
    said = capsys.readouterr()
    assert "header: row 3" in said.err
    assert f"{name[0]}*.{name[2:]}" in said.out
    assert "2 stored, 1 set aside, 1 passed over" in said.err
    assert "status without a stage: 'На контроле' in 1 rows" in said.err
    assert "columns not used: Цвет" in said.err
    assert "row 1: foreign_id=1  received_at=2026-04-03T03:00:00Z  status=in_work" in said.err
    assert '# ? "На контроле" = ""   # 1 rows' in said.out

    mended = said.out.replace('# ? "На контроле" = ""   # 1 rows', '"На контроле" = "in_work"')
    file = tmp_path / "mine.toml"
    file.write_text(mended, encoding="utf-8")
    assert app.main(["mapping", "check", str(tmp_path / name), "--sources", str(file)]) == 0
    assert "3 stored, 0 set aside" in capsys.readouterr().err

    profile = load_profile("kuzbass", str(file))
    source = profile.sources[0]
    check_against(source, profile)
    clock = ManualClock(datetime(2026, 11, 22, tzinfo=UTC))
    connector = build_connector(source, clock, folders=[tmp_path])
    cursor = connector.poll(None).cursor
    clock.advance(seconds=60)
    result = connector.poll(cursor)
    connector.close()
    assert result.completeness is Completeness.COMPLETE
    assert [record.status for record in result.records] == [
        AppealStatus.IN_WORK,
        AppealStatus.ANSWERED,
        AppealStatus.IN_WORK,
    ]


def test_what_topics_and_places_would_become_is_shown_before_anything_is_stored(tmp_path, capsys):
    """A topic that the text decides and one that nothing decides, a place nobody knows, a column that stays empty."""
    rows = [
        ["Рег. №", "Дата", "Статус", "Рубрика", "Суть", "Терр. (МО)", "Отв. дан"],
        ["А-1", "21.11.2026", "На исп.", "Улица", "Яма на дороге", "Кемерово", ""],
        ["А-2", "21.11.2026", "Зарег.", "Улица", "Не чистят снег", "Атлантида", ""],
        ["А-3", "21.11.2026", "Зарег.", "Разное", "Прошу разобраться 8 900 000-11-22", "г. Тайга", ""],
        ["Итого:", 3],
    ]
    (tmp_path / "t.csv").write_bytes(csv_of(rows))
    assert app.main(["mapping", "guess", str(tmp_path / "t.csv")]) == 0
    said = capsys.readouterr()
    assert "3 stored, 0 set aside, 1 passed over" in said.err
    assert "place found: 2 of 3; not: Атлантида" in said.err
    assert "topic found: 2 of 3; not: Разное" in said.err
    assert "  topic 'Улица': roads 1 (by the text), snow 1 (by the text)" in said.err
    assert "  topic 'Разное': other 1 (not found)" in said.err
    assert "fields that no record has: answered_at (Отв. дан)" in said.err
    assert "900" not in said.err

    mapped = said.out.replace("[source.params]", 'topic_map = { "Разное" = "yards" }\n[source.params]')
    (tmp_path / "mine.toml").write_text(mapped, encoding="utf-8")
    app.main(["mapping", "check", str(tmp_path / "t.csv"), "--sources", str(tmp_path / "mine.toml")])
    assert "  topic 'Разное': yards 1 (by the word)" in capsys.readouterr().err
    (tmp_path / "mine.toml").write_text(mapped.replace('"yards"', '"yard"'), encoding="utf-8")
    assert app.main(["mapping", "check", str(tmp_path / "t.csv"), "--sources", str(tmp_path / "mine.toml")]) == 2
    assert "'yard' does not exist" in capsys.readouterr().err


def test_a_column_that_only_counts_the_rows_is_no_id_unless_there_is_no_other(tmp_path, capsys):
    """The next file begins at 1 again: its rows would take the place of this one's."""
    rows = [["№ п/п", "Вх. №", "Дата", "Статус"], [1, "А-9", "21.11.2026", "новое"], [2, "А-4", "21.11.2026", "новое"]]
    (tmp_path / "two.csv").write_bytes(csv_of(rows))
    (tmp_path / "one.csv").write_bytes(csv_of([[row[0], *row[2:]] for row in rows]))
    app.main(["mapping", "guess", str(tmp_path / "two.csv")])
    said = capsys.readouterr()
    assert 'id = ["Вх. №"]\n' in said.out
    assert "counts the rows" not in said.err
    app.main(["mapping", "guess", str(tmp_path / "one.csv")])
    said = capsys.readouterr()
    assert 'id = ["№ п/п"]   # ? it only counts the rows' in said.out
    assert "! column '№ п/п' counts the rows from 1" in said.err


def test_a_known_table_is_proposed_by_its_preset(tmp_path, capsys):
    head = (
        "Дата создания;Дата окончания;Группа тем;Тема;Муниципалитет;Населённый пункт;Текст инцидента;Исполнитель;Итог"
    )
    (tmp_path / "im.csv").write_text(f"{head}\n21.11.2026 10:00;;Дороги;Ямы;Тайга;;Яма;УК;\n", encoding="utf-8")
    assert app.main(["mapping", "guess", str(tmp_path / "im.csv")]) == 0
    source = tomllib.loads(capsys.readouterr().out)["source"][0]
    assert source["params"] == {"preset": "incident-management"}


def test_dates_that_can_be_read_two_ways_are_pointed_out(tmp_path, capsys):
    (tmp_path / "d.csv").write_text("№,Дата,Статус\n1,03/04/2026,новое\n2,05/06/2026,новое\n", encoding="utf-8")
    app.main(["mapping", "guess", str(tmp_path / "d.csv")])
    assert "can be read in two ways, %d/%m/%Y and %m/%d/%Y" in capsys.readouterr().err


def test_names_from_a_file_cannot_break_out_of_the_proposal(tmp_path, capsys):
    """A column or word of status with quotes, line breaks and brackets stays a text of the TOML."""
    rows = [["№", "Дата", "Статус", 'Текст "a"\\'], [1, "21.11.2026", 'нов"ое\n[[source]]', "x"]]
    (tmp_path / 'q"\n.xlsx').write_bytes(spreadsheet(rows))
    app.main(["mapping", "guess", str(tmp_path / 'q"\n.xlsx')])
    found = tomllib.loads(capsys.readouterr().out)
    assert set(found) == {"provenance", "source"}
    assert len(found["source"]) == 1


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["guess", "{tmp}/absent.csv"], "cannot be read"),
        (["guess", "{tmp}/x.csv"], "no row looks like a header"),
        (["guess", "{tmp}"], "cannot be read"),
        (["check", "{tmp}/x.csv"], "connector 'table' are: none"),
    ],
)
def test_what_cannot_be_mapped_is_one_sentence(tmp_path, capsys, words, why):
    (tmp_path / "x.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    assert app.main(["mapping", *(word.replace("{tmp}", str(tmp_path)) for word in words)]) == 2
    assert why in capsys.readouterr().err


def test_the_preview_is_stored_nowhere(tmp_path, monkeypatch):
    monkeypatch.setenv("SVODKA_HOME", str(tmp_path / "home"))
    (tmp_path / "t.csv").write_bytes(csv_of(ROWS))
    app.main(["mapping", "guess", str(tmp_path / "t.csv")])
    assert not (tmp_path / "home").exists()
