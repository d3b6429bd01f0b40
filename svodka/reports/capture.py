"""From what some scenes show now to a moment that can be stored, with titles and panels as they are now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from svodka.domain.codec import decode_as, encode_text
from svodka.profiles.model import Profile
from svodka.reports.assemble import PanelPlan, Stored
from svodka.scenes.book import SceneBook
from svodka.scenes.model import Scene, SceneRef
from svodka.scenes.views import key_text_of
from svodka.storage.moments import MomentKind, StoredMoment, StoredScene


def list_scenes(book: SceneBook, language: str) -> dict[str, str]:
    """Return the titles of all scenes that can be shown, each for everything that it may be asked to show."""
    refs = [
        SceneRef(scene.id, argument)
        for scene in book.scenes.values()
        for argument in (book.arguments(scene) or (None,))
    ]
    refs.sort(key=lambda ref: ref.argument is not None)  # those of the whole region first
    return {str(ref): title_of(book, ref, language) for ref in refs}


def title_of(book: SceneBook, ref: SceneRef, language: str) -> str:
    """Return the title of a scene in words: «Отрасль · ЖКХ и дороги»."""
    scene = book.scenes[ref.scene]
    title = scene.title_en if language == "en" and scene.title_en else scene.title
    return title if ref.argument is None else f"{title} · {_name(book.profile, scene, ref.argument)}"


def _name(profile: Profile, scene: Scene, argument: str) -> str:
    things = profile.areas if scene.takes == "area" else profile.sectors
    return next((thing.name for thing in things if thing.id == argument), argument)


def panels_of(book: SceneBook, ref: SceneRef, language: str) -> list[PanelPlan]:
    """Return the panels of a scene on a screen of 16:9: their places in the pool, their kinds and keys."""
    scene, used, found = book.scenes[ref.scene], Counter[str](), []
    for panel in scene.panels:
        used[panel.kind] += 1
        if panel.at is None:
            continue
        n = used[panel.kind]
        slot = panel.kind if n == 1 else f"{panel.kind}-{n}"
        key = key_text_of(panel, book.kinds[panel.kind], scene, ref.argument)
        title = panel.title_en if language == "en" and panel.title_en else panel.title
        found.append(PanelPlan(slot=slot, kind=panel.kind, key=key, title=title))
    return found


def capture(
    read: Callable[[Sequence[str]], Mapping[str, bytes]],
    book: SceneBook,
    scenes: Sequence[str],
    *,
    make_id: Callable[[Stored], str],
    kind: MomentKind,
    title: str,
    by: str,
    language: str,
) -> tuple[StoredMoment, list[StoredScene]]:
    """Return the present moment of some scenes, read in one transaction.

    Args:
        read: Reads the snapshots (`LogReader.read_moment`).
        book: Scenes.
        scenes: References; one that names nothing is the first scene.
        make_id: Makes the moment's id of what was read.
        kind: What it is stored for.
        title: What people call it.
        by: Who wants it.
        language: Of the scenes' titles.

    Raises:
        StorageUnavailableError: The database does not answer.
    """
    refs = list(dict.fromkeys(str(book.find(scene)) for scene in scenes))
    snapshots = read(refs)
    first = decode_as(snapshots[refs[0]], Stored)
    moment = StoredMoment(
        id=make_id(first), kind=kind, title=title, at=first.at, epoch=first.epoch, seq=first.seq, saved_by=by
    )
    return moment, [
        StoredScene(
            scene=ref,
            title=title_of(book, book.find(ref), language),
            panels=encode_text(panels_of(book, book.find(ref), language)),
            body=snapshots[ref],
        )
        for ref in refs
    ]
