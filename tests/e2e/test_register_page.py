"""The page «Регистрация» as an operator uses it: by keyboard, impatiently, and while the server is away."""

from __future__ import annotations

import re
import signal
from pathlib import Path

import pytest
import sqlalchemy as sa

from svodka.storage.database import open_database
from svodka.storage.tables import appeal_versions, appeals, incidents, journal
from tests.e2e.processes import wait_until
from tests.e2e.product import Product, run_word, web_alone
from tests.profile_factory import write_profile

SOURCES = """
[[source]]
id = "calls"
name = "Звонки"
connector = "operator"
records = "appeals"
channel = "web"
interval_s = 30
ageing_s = 120
stale_s = 300
dead_s = 1800
[[source]]
id = "duty"
name = "Дежурная часть"
connector = "operator"
records = "incidents"
interval_s = 30
ageing_s = 120
stale_s = 300
dead_s = 1800
"""


@pytest.fixture
def product(tmp_path: Path):
    """A web process alone, with an operator's link."""
    with web_alone(tmp_path, profile=str(write_profile(tmp_path / "region", sources=SOURCES))) as running:
        yield running


@pytest.fixture
def desk(product: Product, browser):
    """The page in a browser that came by an operator's link."""
    told = run_word("link", "create", "--role", "operator", "--label", "Смена 2", **product.settings)
    token = re.search(r"/link/(\S+)", told.stdout)[1]
    context = browser.new_context(viewport={"width": 1920, "height": 1080})
    page = context.new_page()
    wait_until(lambda: page.goto(f"{product.url}/link/{token}").status == 200, 10, "the link is known")
    open_page(page, product)
    yield page
    context.close()


NAME = "() => sessionStorage.getItem('register-form-id')"  # under which the form is stored once


def open_page(page, product: Product) -> None:
    page.goto(f"{product.url}/register/")
    page.wait_for_selector("#register-area")  # the last control that Dash fetches


def rows_of(product: Product, table: sa.Table) -> list[sa.RowMapping]:
    database = open_database(f"sqlite:///{product.home / 'svodka.sqlite3'}")
    try:
        with database.read() as connection:
            return list(connection.execute(sa.select(table)).mappings())
    finally:
        database.close()


def see(page, selector: str, words: str) -> None:
    """Wait until an element says something."""
    page.locator(selector, has_text=words).first.wait_for(timeout=15_000)


def test_an_operator_registers_corrects_withdraws_and_loses_nothing(product: Product, desk):
    desk.keyboard.type("Вторые сутки нет отопления", delay=20)  # the cursor is in the first field
    desk.keyboard.press("Tab")
    desk.keyboard.type("п. Каменка, ул. Лесная, 5", delay=20)
    see(desk, "#register-preview", "Отопление по словам обращения")
    see(desk, "#register-preview", "Озёрский муниципальный округ по адресу")
    see(desk, "#register-preview", "1 сутки")
    for _ in range(3):
        desk.keyboard.press("Tab")
    desk.keyboard.type("завтра", delay=20)
    see(desk, "#register-preview", "Время не читается")
    desk.keyboard.press("Tab")
    assert desk.evaluate("document.activeElement.id") == "register-save"
    desk.keyboard.press("Enter")
    see(desk, "#register-result", "Не записано")
    assert rows_of(product, appeals) == []
    name = desk.evaluate(NAME)
    open_page(desk, product)
    assert desk.input_value("#register-text") == "Вторые сутки нет отопления", "what was typed survives a reload"
    desk.fill("#register-at", "")
    see(desk, "#register-preview", "сейчас")
    assert desk.evaluate(NAME) == name is not None, "so does the form's name"
    desk.dblclick("#register-save")
    see(desk, "#register-result", "Зарегистрировано: обращение № 1. Ответить до")
    see(desk, "#register-list", "Смена 2")
    assert desk.input_value("#register-text") == ""
    (row,) = rows_of(product, appeals)
    assert (row["topic"], row["area"], row["status"]) == ("heat", "ozersky", "new")
    see(desk, "#register-list", "ул. Лесная, 5")
    see(desk, "#register-list", "новое")
    undo = desk.locator("#register-result button")
    undo.focus()
    desk.keyboard.press("Enter")
    see(desk, "#register-result", "Отозвано: обращение № 1.")
    desk.click("#register-list >> text=В работу")
    see(desk, "#register-list", "в работе")
    desk.click("#register-result >> text=Статус")  # the line is there; the undo of before is gone
    desk.click("#register-list >> text=Отозвать")
    see(desk, "#register-list", "отозвано")
    assert len(rows_of(product, appeals)) == 1
    assert [version["status"] for version in rows_of(product, appeal_versions)] == [
        "new",
        "withdrawn",
        "in_work",
        "withdrawn",
    ]
    assert {line["who"] for line in rows_of(product, journal)} == {"Смена 2"}


def choose(desk, control, name):
    """Choose an option of a list by its beginning."""
    desk.click(control)
    desk.click(f".dash-dropdown-content >> text=/^{name}/")


def test_what_is_typed_survives_a_server_that_is_away(product: Product, desk):
    """It is killed while the operator writes; he sends again when it is back, and it is stored once."""
    desk.click("text=Происшествие")
    desk.fill("#register-text", "Порыв теплотрассы, тел. 8 900 123-45-67")
    desk.fill("#register-affected", "12")
    see(desk, "#register-preview", "Прочее")
    desk.click("#register-save")  # a fire must not become «прочее, низкий» because nobody was asked
    see(desk, "#register-result", "Выберите вид и уровень")
    choose(desk, "#register-incident-kind", "Авария отопления")
    choose(desk, "#register-level", "Тяжёлый")
    see(desk, "#register-preview", "Авария отопления, Тяжёлый")
    product.send(signal.SIGKILL)
    product.wait_end()
    desk.click("#register-save")
    product.start()
    wait_until(lambda: product.answers("/healthz"), 60, "it answers again")
    assert desk.input_value("#register-text").startswith("Порыв")
    assert rows_of(product, incidents) == []
    desk.click("#register-save")
    see(desk, "#register-result", "Зарегистрировано: происшествие № 1.")
    see(desk, "#register-list", "[телефон]")
    (row,) = rows_of(product, incidents)
    assert (row["affected_n"], row["level"], row["status"]) == (12, "grave", "new")
    wall = desk.context.browser.new_context().new_page()
    assert wall.goto(f"{product.url}/register/").status == 403
    wall.context.close()
