"""A wall whose right is taken away while it is open keeps nothing of the region on the glass."""

from __future__ import annotations

from svodka.i18n.catalogue import load_catalogue
from svodka.security.links import LinkBook
from svodka.security.principals import Role
from svodka.storage.database import open_database


def test_a_wall_whose_link_is_revoked_shows_the_refusal(make_product, open_wall):
    """Within seconds and by itself; it goes on asking for the wall."""
    product = make_product().start()
    product.wait_healthy()
    database = open_database(f"sqlite:///{product.home / 'svodka.sqlite3'}")
    links = LinkBook(database)
    link_id, token = links.create(Role.WALL, "hall")
    screen = open_wall(product, path=f"/link/{token}")
    screen.wait_fresh()

    assert links.revoke(link_id)
    words = load_catalogue("ru").word("access.no_link")
    screen.wait_until(lambda: words in screen.page.inner_text("body"), 20.0, "refused in words")
    assert screen.page.locator("[data-kpi]").count() == 0
    assert screen.page.goto(f"{product.url}/wall").headers["refresh"] == "60;url=/wall"
    database.close()
