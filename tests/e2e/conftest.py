"""Fixtures of the tests with a real browser and the real product."""

from __future__ import annotations

import pytest
from playwright.sync_api import sync_playwright

from tests.e2e.product import Product
from tests.e2e.screen import Screen, launch_browser


@pytest.fixture(scope="session")
def browser():
    """The system's Chromium, one for all tests."""
    with sync_playwright() as playwright:
        it = launch_browser(playwright)
        yield it
        it.close()


@pytest.fixture
def page(browser):
    """An empty page of the default room's size."""
    context = browser.new_context(viewport={"width": 1920, "height": 1080})
    yield context.new_page()
    context.close()


@pytest.fixture
def make_product(tmp_path):
    """Make products with homes of their own; all end with the test."""
    made = []

    def make(**settings):
        folder = tmp_path / f"product{len(made)}"
        folder.mkdir()
        made.append(Product(folder, **settings))
        return made[-1]

    yield make
    for product in made:
        product.close()


@pytest.fixture(scope="session")
def running(tmp_path_factory):
    """The demonstration in real time, shared by the tests that only look at it."""
    product = Product(tmp_path_factory.mktemp("running"))
    try:
        product.start().wait_healthy()
        yield product
    finally:
        product.close()


@pytest.fixture
def open_wall(browser):
    """Open a product's wall (or another page) on a screen; all screens close with the test."""
    screens = []

    def open_it(product, *, path="/wall", width=1920, height=1080):
        screens.append(Screen(browser, product.url, width=width, height=height))
        screens[-1].open(path)
        return screens[-1]

    yield open_it
    for screen in screens:
        screen.close()
