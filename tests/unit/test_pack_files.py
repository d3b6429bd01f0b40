"""The files of a pack say what the snapshot says, and mark exactly what is old. Read back by ZIP and XML alone."""

from __future__ import annotations

import io
import zipfile

import msgspec
import pytest
from docx import Document
from PIL import Image
from pptx import Presentation

from svodka.domain import codec
from svodka.domain.freshness import State
from svodka.reports.assemble import PanelPlan, ScenePlan
from svodka.reports.memo import write_memo
from svodka.reports.normal import normalise_office, normalise_pdf
from svodka.reports.pack import PackUnreadableError, build_pack, verify_pack
from svodka.reports.paper import write_paper
from svodka.reports.sections import WRITERS
from svodka.reports.sheets import numbers_of, write_sheets
from svodka.reports.slides import fill_slides, write_slides
from tests.office import read_hatched, read_sheet, read_slides, read_tables
from tests.report_factory import ID, PANELS, make_content, make_plan, make_profile, make_snapshot
from tests.shown import is_on_wall, shown_numbers

DISPATCH_SILENT = {"dispatch": 700.0}  # dead after 600 s: incidents are blind, the map (three quarters seen) is partial
BLIND = {"incidents"}
PARTIAL = {"map", "sources"}


@pytest.fixture(scope="module")
def profile(tmp_path_factory):
    return make_profile(tmp_path_factory.mktemp("region") / "invented")


@pytest.fixture(scope="module")
def content(profile):
    return make_content(profile)


def expected():
    """Return the numbers of the snapshot by `data-kpi`, by an independent reader of the read models' values."""
    from tests.golden.examples import all_values

    values = all_values()
    clusters = values["clusters"]
    shown = shown_numbers(values)
    shown |= {"clusters_placed": clusters.placed, "clusters_unplaced": clusters.unplaced}  # ids of assets/js/map.mjs
    return {name: value for name, value in shown.items() if is_on_wall(name)}


def picture():
    target = io.BytesIO()
    Image.new("RGB", (320, 180), "#101418").save(target, "PNG")
    return target.getvalue()


def test_the_sheet_of_numbers_holds_every_number_of_the_wall_and_no_other(content):
    """As numbers, by the id that each has on the wall; no data is an empty cell."""
    rows = read_sheet(write_sheets(*content), "Числа")
    head = rows[0]
    id_, value = head.index("Идентификатор"), head.index("Значение")
    told = {row[id_]: row[value] for row in rows[1:]}
    assert {name: number for name, number in told.items() if is_on_wall(name)} == expected()


@pytest.mark.parametrize(
    ("map_key", "clusters_key", "told"),
    [
        ("map", "clusters@area=kemerovo", [402, 8]),
        ("map@kpi=in_time,sector=roads", "clusters@area=kemerovo,sector=roads", [402, 8]),
        ("map", "clusters@period=week", []),
        ("map@sector=roads", "clusters", []),
    ],
)
def test_a_map_tells_what_it_counts_of_its_own_scene(profile, map_key, clusters_key, told):
    """The map's value is of all areas, its clusters are of the scene's area; those of another panel are not its own."""
    values = codec.decode(make_snapshot())
    counted = values["values"].pop("clusters")
    values["values"] |= {map_key: values["values"].pop("map"), clusters_key: counted}
    plan = make_plan()
    (scene,) = plan.scenes
    scene = msgspec.structs.replace(scene, panels=(PanelPlan(slot="map", kind="map", key=map_key),))
    said, _ = make_content(profile, codec.encode(values), plan=msgspec.structs.replace(plan, scenes=(scene,)))
    (section,) = said.sections()
    assert [figure.value for figure in section.figures if figure.id.startswith("clusters_")] == told


def test_tables_and_charts_of_slides_say_the_same_numbers_as_the_sheet(content):
    """Tables by text, charts by their numbers; a gap in a chart is a gap and not 0."""
    said, wording = content
    told = {cell.id: cell for section in said.sections() for cell, _ in numbers_of(section)}
    slides = read_slides(write_slides(said, wording, {}))
    charts = {name: chart for slide in slides for name, chart in slide.charts.items()}
    flow = charts["chart:flow"]
    hours = [name.partition(":")[2] for name in told if name.startswith("flow_received:")]
    assert flow[wording.t("flow.received")] == [told[f"flow_received:{hour}"].value for hour in hours]
    assert flow[wording.t("flow.answered")] == [told[f"flow_answered:{hour}"].value for hour in hours]
    assert flow[wording.t("flow.week_ago")] == [told[f"flow_week_ago_received:{hour}"].value for hour in hours]
    assert None in flow[wording.t("flow.received")]
    assert charts["chart:sectors"][wording.t("kpi.overdue")] == [
        cell.value for name, cell in told.items() if name.startswith("sector_overdue:")
    ]
    texts = {name: words[0] for slide in slides for name, words in slide.texts.items() if name in told}
    assert texts == {name: told[name].text for name in texts}
    assert {"in_time", "response_minutes", "open_now", "overdue_now", "satisfaction"} <= texts.keys()
    tables = {name: rows for slide in slides for name, rows in slide.tables.items()}
    for section in said.sections():
        for table in section.tables:
            shown = [row for name, rows in tables.items() if table.caption in name for row in rows[1:]]
            assert not shown or shown == [[cell.text for cell in row] for row in table.rows]


def test_the_memo_says_the_same_numbers_as_the_sheet(content):
    """Every table of it, cell by cell, and the main numbers."""
    said, wording = content
    tables = read_tables(write_memo(said, wording))
    for section in said.sections():
        for table in section.tables:
            rows = tables[f"{section.key}:{table.caption}"]
            assert rows[1:] == [[cell.text for cell in row] for row in table.rows]
    figures = {row[0]: row[1] for row in tables["figures"][1:]}
    assert figures["Открытые обращения"] == "1\u00a0204"
    assert figures["Ответы в срок, за 24 часа"] == "91,4\u00a0%"
    assert tables["orders"][1] == ["1", "Закрыть просроченные", "Минстрой", "05.03.2026"]


def test_no_word_of_the_memo_is_broken(content):
    """Each column is as wide as its longest word: 11 points of Times are 2.2 mm a letter, a cell's margins 3.8."""
    said, wording = content
    document = Document(io.BytesIO(write_memo(said, wording)))
    assert document.tables
    for table in document.tables:
        for row in table.rows:
            for cell in row.cells:
                longest = max(map(len, cell.text.split(" ")))
                size = cell.paragraphs[0].runs[0].font.size.pt
                assert cell.width.mm >= 3.8 + 0.2 * size * longest, cell.text
        assert sum(cell.width.mm for cell in table.rows[0].cells) <= 170.1


def test_slides_tell_the_decisions_before_the_orders(content):
    """However long: a paragraph that no slide holds goes on on the next."""
    said, wording = content
    slides = read_slides(write_slides(said, wording, {}))
    named = [{**slide.texts, **slide.tables} for slide in slides]
    assert [next(iter(slide[name])) for slide in named for name in ("protocol",) if name in slide] == ["Заслушаны все."]
    assert [name for slide in named for name in ("protocol", "orders") if name in slide] == ["protocol", "orders"]
    long = fill_slides(["слово " * 400, "конец"])
    assert len(long) > 2
    assert " ".join(piece for part in long for piece in part).split() == ["слово"] * 400 + ["конец"]


def test_sheets_print_across_and_name_the_scene_in_words(content):
    """All columns on one page; the reference of the scene stands last, for programs."""
    data = write_sheets(*content)
    head, first = read_sheet(data, "Числа")[:2]
    assert (first[head.index("Сцена")], first[head.index("Код сцены")]) == ("Обстановка", "overview")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheets = [archive.read(name) for name in archive.namelist() if name.startswith("xl/worksheets/sheet")]
    assert sheets
    assert all(b'orientation="landscape"' in sheet and b'fitToHeight="0"' in sheet for sheet in sheets)


def test_two_exports_of_one_snapshot_are_the_same_bytes(profile):
    """Made one after the other, archive included."""

    def export():
        said, wording = make_content(profile)
        files = {
            "a.xlsx": normalise_office(write_sheets(said, wording), said.at),
            "a.pptx": normalise_office(write_slides(said, wording, {"overview": picture()}), said.at),
            "a.docx": normalise_office(write_memo(said, wording), said.at),
        }
        return build_pack(said, files)

    assert export() == export()


def test_a_silent_source_marks_exactly_its_panels_in_every_format(profile):
    """What is blind is hatched and says its age; what is partial says who is missing; nothing else is marked."""
    said, wording = make_content(profile, make_snapshot(**DISPATCH_SILENT))
    assert {section.slot for section in said.sections() if section.is_blind} == BLIND
    assert {section.slot for section in said.sections() if section.state is State.PARTIAL} == PARTIAL
    noted = {section.key for section in said.sections() if section.note}
    assert noted == BLIND | PARTIAL

    rows = read_sheet(write_sheets(said, wording), "Числа")
    panel, state = rows[0].index("Панель"), rows[0].index("Свежесть")
    titles = {section.title for section in said.sections() if section.note and numbers_of(section)}
    assert {row[panel] for row in rows[1:] if row[state] != "в порядке"} == titles

    slides = read_slides(write_slides(said, wording, {}))
    marked = [slide for slide in slides if "stale" in slide.texts]
    assert marked
    assert all("Инциденты" in slide.texts["label"][0] for slide in marked)
    assert all("нет связи с источником 11\u00a0мин" in slide.texts["stale-words"][0] for slide in marked)
    assert {slide.texts["label"][0] for slide in slides if "partial" in slide.texts} == {
        "Обстановка · Карта за 24 часа"
    }

    hatched = " ".join(read_hatched(write_memo(said, wording)))
    assert "Открыто инцидентов: 2" in hatched
    assert "нет связи с источником" in hatched
    assert "Открыто обращений" not in hatched
    assert "87\u00a0%" not in hatched

    paper = write_paper(said, wording, {}, {})
    assert paper.count("class='blind'") == 2  # the two open incidents
    manifest = verify_pack(build_pack(said, {})).manifest
    assert {(entry.panel, entry.state) for entry in manifest.panels} == {
        ("incidents", "dead"),
        ("map", "partial"),
        ("sources", "partial"),
    }


def test_a_source_that_never_answered_leaves_no_number(profile):
    """Nothing of its kind is known: even 0 would be a lie."""
    bare = codec.decode(make_snapshot(dispatch=None))
    bare["tables"]["incidents"] = []
    said, _ = make_content(profile, codec.encode(bare))
    incidents = next(section for section in said.sections() if section.slot == "incidents")
    assert incidents.message == "Нет данных"
    assert not incidents.figures
    assert incidents.state is State.DEAD


def test_a_table_that_stands_in_two_panels_is_one_slide(content):
    """The open incidents of a list and of its levels; where one of them is old and the other is not both are told."""
    said, wording = content
    (page, *_) = said.pages
    table = next(each for each in page.sections if each.tables and not each.chart)

    def count_tables(note):
        twin = msgspec.structs.replace(table, slot="twin", key="twin", note=note)
        pages = (msgspec.structs.replace(page, sections=(table, twin)),)
        slides = read_slides(write_slides(msgspec.structs.replace(said, pages=pages), wording, {}))
        return len({name.split(":")[1] for slide in slides for name in slide.tables if name.startswith("table:")})

    assert count_tables(table.note) == 1
    assert count_tables("другое") == 2


def test_every_slide_names_moment_snapshot_and_sources(content):
    """A slide that was torn out of its file still says what it is of."""
    said, wording = content
    for slide in read_slides(write_slides(said, wording, {"overview": picture()})):
        assert ID in slide.texts["foot"][0]
        assert "Данные на 02.03.2026" in slide.texts["foot"][0]
        assert "Портал: данным 12\u00a0с" in slide.notes
        assert said.digest in slide.notes
        assert slide.title


def test_a_scene_slide_holds_its_picture_the_presenters_notes_and_text_boxes(content):
    """The picture over the slide, the annotation native, the notes where a presenter reads them."""
    said, wording = content
    scene = next(
        s for s in read_slides(write_slides(said, wording, {"overview": picture()})) if "annotation" in s.texts
    )
    assert scene.texts["annotation"] == ["Мост: срок сегодня"]
    shapes = {
        shape.name: shape
        for slide in Presentation(io.BytesIO(write_slides(said, wording, {"overview": picture()}))).slides
        for shape in slide.shapes
    }
    box, whole = shapes["annotation"], shapes["scene:overview"]  # column 5, row 6 of the panels, below the head
    place = ((box.left - whole.left) / whole.width, (box.top - whole.top) / whole.height)
    assert place == pytest.approx((0.0105 + 0.979 * 4 / 12, 0.1 + 0.89 * 5 / 8), abs=1e-3)
    assert "Начать с просроченных." in scene.notes


def test_a_scene_that_was_pictured_before_it_was_drawn_says_so_over_its_picture(content):
    """In the slides and in the document, not in the manifest alone, which nobody reads in a meeting."""
    said, wording = content
    pictures = {"overview": picture()}
    words = "Нарисовано не всё"
    assert words not in write_paper(said, wording, pictures, {})
    pages = tuple(msgspec.structs.replace(page, is_drawn=False) for page in said.pages)
    half = msgspec.structs.replace(said, pages=pages)
    assert words in write_paper(half, wording, pictures, {})
    scene = next(s for s in read_slides(write_slides(half, wording, pictures)) if "annotation" in s.texts)
    assert any(words in line for lines in scene.texts.values() for line in lines)


def test_words_of_people_stay_words(profile):
    """What stands in titles, notes and orders becomes neither formula nor markup."""
    from tests.report_factory import make_plan

    nasty = "=1+1</td><script>alert(1)</script>"
    said, wording = make_content(profile, plan=make_plan(title=nasty, protocol=nasty))
    assert "<script>" not in write_paper(said, wording, {}, {})
    assert read_sheet(write_sheets(said, wording), "О документе")[0][0] == nasty
    assert write_memo(said, wording)


def test_a_pack_is_whole_until_somebody_touches_it(content):
    """Changed, missing and added files are told by name; what is no pack is no pack."""
    said, _ = content
    pack = build_pack(said, {"a.txt": b"one", "b.txt": b"two"})
    assert verify_pack(pack).is_whole
    with zipfile.ZipFile(io.BytesIO(pack)) as archive:
        manifest = archive.read("manifest.json")
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("manifest.json", manifest)
        archive.writestr("a.txt", b"One")
        archive.writestr("c.txt", b"")
    verdict = verify_pack(target.getvalue())
    assert (verdict.changed, verdict.missing, verdict.unknown) == (("a.txt",), ("b.txt",), ("c.txt",))
    assert verdict.manifest.snapshot == ID
    with zipfile.ZipFile(io.BytesIO(pack)) as archive:
        entry = archive.getinfo("b.txt")
    begin = entry.header_offset + 30 + len(entry.filename)  # 30: of the format, before the name
    for at in range(begin, begin + entry.compress_size):
        damaged = bytearray(pack)
        damaged[at] ^= 0xFF
        assert verify_pack(bytes(damaged)).changed == ("b.txt",), at
    with pytest.raises(PackUnreadableError):
        verify_pack(b"nothing")


@pytest.mark.parametrize("language", ["ru", "en"])
def test_files_are_written_in_both_languages(profile, language):
    """No key without words, no place without its value."""
    said, wording = make_content(profile, language=language)
    for section in said.sections():
        assert "{" not in section.message
    assert write_slides(said, wording, {})
    assert write_memo(said, wording)
    assert write_sheets(said, wording)
    assert "{" not in write_paper(said, wording, {}, {}).partition("</style>")[2]


def test_the_time_in_a_pdf_is_that_of_the_snapshot(content):
    """Of the same length, so that the offsets of the file stay true."""
    said, _ = content
    pdf = b"%PDF-1.4\n<< /CreationDate (D:20261122101530+00'00')\n/ModDate (D:20261122101530+00'00') >>"
    normal = normalise_pdf(pdf, said.at)
    assert len(normal) == len(pdf)
    assert normal.count(b"(D:20260302053020+00'00')") == 2


def test_names_in_a_pdf_do_not_depend_on_what_the_browser_showed_before(content):
    """They keep their order and their length."""
    said, _ = content
    first = b"/ID (node00000099)\n/Headers [(node00000099) (node00000101)]\n/ID (node00000101)"
    normal = normalise_pdf(first, said.at)
    assert normal == b"/ID (node00000001)\n/Headers [(node00000001) (node00000002)]\n/ID (node00000002)"
    assert normal == normalise_pdf(first.replace(b"0101", b"0207").replace(b"0099", b"0123"), said.at)


def test_every_panel_of_the_overview_has_a_writer():
    """What the wall shows as a number reaches the files."""
    assert set(PANELS.values()) - {"sources"} <= WRITERS.keys()


def test_a_number_of_one_municipality_says_whose_it_is_wherever_it_stands(profile):
    """In a memo and on a slide it stands without its panel."""
    from tests.report_factory import make_plan

    panel = PanelPlan(slot="kpi-open", kind="kpi-open", key="open@area=gorny")
    scoped = codec.decode(make_snapshot())
    scoped["values"]["open@area=gorny"] = scoped["values"]["open"]
    scene = ScenePlan(ref="area:gorny", title="Горный", panels=(panel,))
    said, _ = make_content(profile, codec.encode(scoped), plan=make_plan(scenes=(scene,)))
    (section,) = said.sections()
    assert section.message.startswith("Горный: ")
    assert [figure.label for figure in section.figures] == ["Горный: Открытые обращения", "Горный: Просрочено"]
    assert section.title == "Открыто · Горный"
