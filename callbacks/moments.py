"""Stored moments and packs over HTTP: `/briefing/<id>.json`, `/briefing/<id>/now.json`, `/pack/<number>.zip`."""

from __future__ import annotations

from typing import Any

import flask
from flask.typing import ResponseReturnValue

from callbacks.access import current_principal
from callbacks.endpoints import json_answer
from svodka.briefings import keeping
from svodka.briefings.keeping import Briefing
from svodka.briefings.model import Annotation
from svodka.domain.changes import Origin
from svodka.domain.codec import decode, encode
from svodka.realtime.services import Services
from svodka.security.principals import Role
from svodka.storage.database import Database
from svodka.storage.moments import StoredMoment, StoredScene, load_moment, load_scene, load_scene_titles
from svodka.storage.packs import PackState, StoredPack, load_pack


def register(server: flask.Flask, services: Services) -> None:
    """Add the endpoints."""

    def ask(function: Any, *words: object) -> Any:  # noqa: ANN401 - whatever the function returns
        return services.aside(function, services.database, *words)

    def moment(briefing_id: str) -> ResponseReturnValue:
        is_guest = current_principal(services).role is Role.GUEST
        found = ask(load_shown, briefing_id, flask.request.args.get("scene"), is_guest)
        if found is None:
            flask.abort(404)
        return json_answer(found)

    def briefing_now(briefing_id: str) -> ResponseReturnValue:
        principal = current_principal(services)
        if principal.role is Role.GUEST:
            found = ask(keeping.follow, briefing_id, f"link:{principal.link_id}", services.clock.now())
        else:
            found = ask(keeping.find, briefing_id)
        if found is None:
            flask.abort(404)
        return json_answer(encode(_where(found)))

    def pack(number: int) -> ResponseReturnValue:
        found: StoredPack | None = ask(_find_pack, number)
        if found is None or found.state != PackState.DONE:
            flask.abort(404)
        path = services.packs_folder / found.file
        if not path.is_file():
            flask.abort(410)
        answer = flask.send_file(path, mimetype="application/zip", as_attachment=True, download_name=found.file)
        answer.headers["Cache-Control"] = "no-store"
        return answer

    server.add_url_rule("/briefing/<briefing_id>.json", "moment", moment)
    server.add_url_rule("/briefing/<briefing_id>/now.json", "briefing_now", briefing_now)
    server.add_url_rule("/pack/<int:number>.zip", "pack", pack)


def load_shown(database: Database, moment_id: str, scene: str | None, is_guest: bool = False) -> bytes | None:
    """Return the snapshot of one scene of a stored moment with what it is and what is written over it, as JSON.

    Args:
        database: Where it is stored.
        moment_id: Which moment.
        scene: Reference of the scene; None: the one that is being presented.
        is_guest: Only what a page of the story shows: a page that was taken out is not meant for who follows.

    Returns:
        The snapshot; None where there is no such moment, or no such scene in it.
    """
    with database.read() as connection:
        moment = load_moment(connection, moment_id)
        if moment is None:
            return None
        briefing = keeping.find_in(connection, moment_id)
        titles = load_scene_titles(connection, moment_id)
        wanted = scene or (_page(briefing).scene if briefing else next(iter(titles), ""))
        stored = load_scene(connection, moment_id, wanted)
        if stored is None or (is_guest and not _is_told(briefing, wanted)):
            return None
    return _as_shown(moment, stored, _boxes(briefing, wanted))


def _boxes(briefing: Briefing | None, scene: str) -> tuple[Annotation, ...]:
    """Return what is written over a scene: on the presented page, else on the first that shows it."""
    if briefing is None:
        return ()
    pages = [_page(briefing), *briefing.story.pages]
    return next((page.annotations for page in pages if page.scene == scene), ())


def _is_told(briefing: Briefing | None, scene: str) -> bool:
    return briefing is not None and any(page.scene == scene for page in briefing.story.pages)


def _page(briefing: Briefing) -> Any:  # noqa: ANN401 - a page of the story
    return briefing.story.pages[briefing.page_n - 1]


def _as_shown(moment: StoredMoment, scene: StoredScene, boxes: tuple[Annotation, ...]) -> bytes:
    """Return the stored snapshot with what it is and what is written over it."""
    kind: Any = "briefing" if moment.kind == "briefing" else "still"
    snapshot = decode(scene.body)
    snapshot["origin"] = Origin(kind=kind, id=moment.id, at=moment.at)
    snapshot["annotations"] = boxes
    return encode(snapshot)


def _where(briefing: Briefing) -> dict[str, object]:
    page = _page(briefing)
    return {
        "rev": briefing.row.rev,
        "is_shown": briefing.row.is_shown,
        "page": briefing.page_n,
        "of": len(briefing.story.pages),
        "scene": page.scene,
        "title": briefing.story.title,
    }


def _find_pack(database: Database, number: int) -> StoredPack | None:
    with database.read() as connection:
        return load_pack(connection, number)
