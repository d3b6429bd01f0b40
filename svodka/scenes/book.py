"""The scenes of a region: the profile's own and the operator's, looked at again and again; the last good ones stay."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import structlog

from svodka.domain.errors import StartError
from svodka.profiles.model import Profile
from svodka.scenes.checks import find_faults
from svodka.scenes.faults import SceneFault, SceneUnusableError
from svodka.scenes.kinds import KINDS, PanelKind
from svodka.scenes.model import Scene, SceneRef, parse_ref
from svodka.scenes.reader import read_scene

FIRST_SCENE = "overview"
SCENES_FOLDER = "scenes"

Stamp = tuple[tuple[str, int, int], ...]


class SceneBook:
    """Scenes by id; a file that cannot be used changes nothing that is shown.

    Args:
        profile: The region.
        folders: Where scene files lie; those of a later folder replace those of the same name.
        kinds: Kinds of panel.

    Attributes:
        scenes: By id, in the order of their names.
        faults: What is wrong with files as they are now; their last good versions go on being shown.
        version: Another one after every change.
    """

    def __init__(self, profile: Profile, folders: Sequence[Path], kinds: Sequence[PanelKind] = KINDS) -> None:
        self.profile = profile
        self.kinds: Mapping[str, PanelKind] = {kind.kind: kind for kind in kinds}
        self.scenes: Mapping[str, Scene] = {}
        self.faults: tuple[SceneFault, ...] = ()
        self.version = ""
        self._folders = tuple(folders)
        self._stamp: Stamp = ()
        self._good: dict[Path, Scene] = {}
        self._log = structlog.get_logger().bind(part="scenes")
        self.refresh()

    @property
    def first(self) -> str:
        """The scene that is shown where nothing else is said; "" where there is none."""
        return FIRST_SCENE if FIRST_SCENE in self.scenes else next(iter(self.scenes), "")

    def find(self, text: str | None) -> SceneRef:
        """Return what a text refers to; the first scene where it refers to nothing that can be shown."""
        ref = parse_ref(text or "")
        return ref if ref is not None and self.knows(ref) else self._default()

    def knows(self, ref: SceneRef) -> bool:
        """Whether a reference can be shown: the scene exists and its argument is what it takes."""
        scene = self.scenes.get(ref.scene)
        if scene is None:
            return False
        return ref.argument is None if scene.takes is None else ref.argument in self.arguments(scene)

    def arguments(self, scene: Scene) -> tuple[str, ...]:
        """Return what a scene may be asked to show: slugs of areas or sectors; () where it takes nothing."""
        if scene.takes == "area":
            return tuple(area.id for area in self.profile.areas)
        return tuple(sector.id for sector in self.profile.sectors) if scene.takes == "sector" else ()

    def pool(self) -> dict[str, int]:
        """Return how many panels of each kind the scenes need at most, in the order of the kinds."""
        most: Counter[str] = Counter()
        for scene in self.scenes.values():
            most |= Counter(panel.kind for panel in scene.panels)
        return {kind: most[kind] for kind in self.kinds if most[kind]}

    def refresh(self) -> bool:
        """Look at the folders; return whether what is shown is another now."""
        paths = self._find_files()
        stamp = tuple((str(path), info.st_mtime_ns, info.st_size) for path, info in paths.items())
        if stamp == self._stamp and self.version:
            return False
        self._stamp = stamp
        faults: list[SceneFault] = []
        good = {path: scene for path in paths if (scene := self._read(path, faults)) is not None}
        self._good = good
        scenes = {path.stem: scene for path, scene in good.items()}
        for fault in faults:
            if fault not in self.faults:
                self._log.warning("scene_unusable", file=fault.file, line=fault.line, why=fault.text)
        self.faults = tuple(faults)
        was, self.scenes = self.version, dict(sorted(scenes.items()))
        self.version = hashlib.sha256(repr(self.scenes).encode()).hexdigest()[:16]
        return self.version != was

    def _default(self) -> SceneRef:
        scene = self.scenes.get(self.first)
        return SceneRef(self.first, next(iter(self.arguments(scene)), None) if scene is not None else None)

    def _find_files(self) -> dict[Path, os.stat_result]:
        """Return the scene files in the order in which they replace one another; one that vanishes is passed over."""
        found = {}
        for folder in self._folders:
            for path in sorted(folder.glob("*.toml")):
                with contextlib.suppress(OSError):
                    found[path] = path.stat()
        return found

    def _read(self, path: Path, faults: list[SceneFault]) -> Scene | None:
        """Return the scene of a file; where it has faults its last good version, or None."""
        try:
            read = read_scene(path)
            found = find_faults(read, self.kinds, self.profile)
        except SceneUnusableError as error:
            found = [error.fault]
        if found:
            faults += found
            return self._good.get(path)
        return read.scene


def scene_folders(profile: Profile, own: Path) -> tuple[Path, Path]:
    """Return where the scenes of a region lie: the profile's, then the operator's own."""
    return Path(profile.folder) / SCENES_FOLDER, own


def open_scenes(profile: Profile, own: Path) -> SceneBook:
    """Return the scenes of a region.

    Args:
        profile: The region.
        own: Folder of the operator's own scenes; it need not exist.

    Raises:
        StartError: There is not one scene that can be shown.
    """
    book = SceneBook(profile, scene_folders(profile, own))
    if not book.scenes:
        why = str(book.faults[0]) if book.faults else "there is no file"
        message = f"There is no scene to show in {Path(profile.folder) / SCENES_FOLDER} or {own}: {why}."
        raise StartError(message)
    return book
