"""Settings: the only reader of the environment.

Every setting is typed, has a default that works on a fresh machine, and stands in docs/settings.md.
Reading settings opens nothing and creates nothing.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from svodka.settings.crash import is_crash_point

LOG_LEVELS = ("debug", "info", "warning", "error")
LANGUAGES = ("ru", "en")
EVERY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104 - what these hosts mean, not where anything listens
ALIVE_FD = "SVODKA_ALIVE_FD"
_MAX_PORT = 65535
_MAX_HOURS = 8760
_MAX_FD = 1_000_000


class UnusableSettingError(Exception):
    """A setting cannot be used; the message is one sentence for the operator."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What the operator may choose.

    Attributes:
        home: `SVODKA_HOME`: folder for the database, broker, prepared map and secrets (default ./var).
        port: `SVODKA_PORT`: port of the web server, 1..65535 (default 8050).
        host: `SVODKA_HOST`: address it binds to (default 127.0.0.1; others need an access link first).
        profile: `SVODKA_PROFILE`: name of a folder in profiles/, or a path to one (default kuzbass).
        database_url: `SVODKA_DATABASE_URL`: SQLAlchemy URL; empty means SQLite in home.
        redis_url: `SVODKA_REDIS_URL`: redis://, rediss:// or unix:// URL; empty means the embedded broker.
        sources: `SVODKA_SOURCES`: path of a sources file instead of the profile's; empty means the profile's.
        walls: `SVODKA_WALLS`: path of a file of walls instead of the profile's; empty means the profile's.
        folders: `SVODKA_FOLDERS`: folders below which sources may read files, colon-separated (default inbox in home).
        exports: `SVODKA_EXPORTS`: path of a file of scheduled exports instead of the profile's; empty: its own.
        map_style: `SVODKA_MAP_STYLE`: address or file of a MapLibre style below the areas (default none).
        scenes: `SVODKA_SCENES`: folder of the operator's own scene files (default scenes in home).
        room: `SVODKA_ROOM`: one of the profile's rooms, or path of a room file (default: its `default`, if any).
        log_level: `SVODKA_LOG`: debug, info, warning or error (default info).
        language: `SVODKA_LANGUAGE`: of the pages, ru or en (default ru); names of the profile stay as they are.
        clock: `SVODKA_CLOCK`: system, scaled:… or file:… (default system; see svodka.domain.clock).
        public_urls: `SVODKA_PUBLIC_URLS`: origins, comma-separated, under which browsers reach the server
            (default http://<host>:<port> and its localhost twin).
        simulator_url: `SVODKA_SIMULATOR_URL`: where `{simulator}` of a sources file points; set by `run` for its
            children (default empty).
        log_kept_h: `SVODKA_LOG_KEPT_H`: for how many hours the change log is kept (default 24).
        metrics_port: `SVODKA_METRICS_PORT`: port of 127.0.0.1 on which `poll` serves its metrics (default none).
        alive_fd: `SVODKA_ALIVE_FD`: open file into which a child of `run` shows that it lives; set by `run`
            (default none).
        crash_at: `SVODKA_CRASH_AT`: place at which a process under test dies (default none; svodka.settings.crash).
    """

    home: Path
    port: int
    host: str
    profile: str
    database_url: str
    redis_url: str
    sources: str
    folders: tuple[Path, ...]
    scenes: Path
    room: str
    log_level: str
    language: str
    clock: str
    public_urls: tuple[str, ...]
    simulator_url: str = ""
    log_kept_h: float = 24.0
    metrics_port: int | None = None
    alive_fd: int | None = None
    crash_at: str = ""
    walls: str = ""
    exports: str = ""
    map_style: str = ""

    @property
    def real_time(self) -> bool:
        """Whether the product's clock is the time of day."""
        return self.clock == "system"

    @property
    def sqlalchemy_url(self) -> str:
        """The database to use: the configured one, or SQLite in home."""
        return self.database_url or f"sqlite:///{self.home / 'svodka.sqlite3'}"


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of this process.

    Args:
        environ: Variables to read instead of the process's own (tests).

    Raises:
        UnusableSettingError: A value has the wrong form; the message names variable and value.
    """
    env = os.environ if environ is None else environ  # noqa: TID251 - the one reader

    def read(name: str, default: str) -> str:
        return env.get(name, "").strip() or default

    def choose(name: str, among: tuple[str, ...], default: str) -> str:
        value = read(name, default).lower()
        if value not in among:
            message = f"{name}={value!r} is not one of {', '.join(among)}."
            raise UnusableSettingError(message)
        return value

    home = Path(read("SVODKA_HOME", "var")).absolute()
    port = _read_port("SVODKA_PORT", read("SVODKA_PORT", "8050"))
    metrics_port = read("SVODKA_METRICS_PORT", "")
    host = read("SVODKA_HOST", "127.0.0.1")
    named = f"[{host}]" if ":" in host else host
    own = [] if host in EVERY_ADDRESS else [f"http://{named}:{port}"]
    default_urls = dict.fromkeys([*own, f"http://127.0.0.1:{port}", f"http://localhost:{port}"])
    urls = read("SVODKA_PUBLIC_URLS", ",".join(default_urls))
    return Settings(
        home=home,
        port=port,
        host=host,
        profile=read("SVODKA_PROFILE", "kuzbass"),
        database_url=read("SVODKA_DATABASE_URL", ""),
        redis_url=read("SVODKA_REDIS_URL", ""),
        sources=read("SVODKA_SOURCES", ""),
        folders=tuple(
            Path(each).absolute() for each in read("SVODKA_FOLDERS", str(home / "inbox")).split(os.pathsep) if each
        ),
        scenes=Path(read("SVODKA_SCENES", str(home / "scenes"))).absolute(),
        room=read("SVODKA_ROOM", ""),
        log_level=choose("SVODKA_LOG", LOG_LEVELS, "info"),
        language=choose("SVODKA_LANGUAGE", LANGUAGES, "ru"),
        clock=read("SVODKA_CLOCK", "system"),
        public_urls=tuple(_read_origin(url.strip().rstrip("/")) for url in urls.split(",") if url.strip()),
        simulator_url=read("SVODKA_SIMULATOR_URL", "").rstrip("/"),
        log_kept_h=_read_hours("SVODKA_LOG_KEPT_H", read("SVODKA_LOG_KEPT_H", "24")),
        metrics_port=_read_port("SVODKA_METRICS_PORT", metrics_port) if metrics_port else None,
        alive_fd=_read_fd(read(ALIVE_FD, "")),
        crash_at=_read_crash_at(read("SVODKA_CRASH_AT", "")),
        walls=read("SVODKA_WALLS", ""),
        exports=read("SVODKA_EXPORTS", ""),
        map_style=read("SVODKA_MAP_STYLE", ""),
    )


def child_environment(settings: Settings, *, redis_url: str, simulator_url: str) -> dict[str, str]:
    """Return the environment of a child process: this one's, with the settings spelt out.

    Args:
        settings: What this process runs with.
        redis_url: The broker the child uses; empty means none.
        simulator_url: Where the simulator listens; empty means none.
    """
    return {
        **os.environ,  # noqa: TID251 - the one reader
        "SVODKA_HOME": str(settings.home),
        "SVODKA_PORT": str(settings.port),
        "SVODKA_HOST": settings.host,
        "SVODKA_PROFILE": settings.profile,
        "SVODKA_DATABASE_URL": settings.database_url,
        "SVODKA_REDIS_URL": redis_url,
        "SVODKA_SOURCES": settings.sources,
        "SVODKA_WALLS": settings.walls,
        "SVODKA_EXPORTS": settings.exports,
        "SVODKA_MAP_STYLE": settings.map_style,
        "SVODKA_FOLDERS": os.pathsep.join(str(folder) for folder in settings.folders),
        "SVODKA_SCENES": str(settings.scenes),
        "SVODKA_ROOM": settings.room,
        "SVODKA_LOG": settings.log_level,
        "SVODKA_LANGUAGE": settings.language,
        "SVODKA_CLOCK": settings.clock,
        "SVODKA_PUBLIC_URLS": ",".join(settings.public_urls),
        "SVODKA_SIMULATOR_URL": simulator_url,
        "SVODKA_LOG_KEPT_H": str(settings.log_kept_h),
        "SVODKA_METRICS_PORT": "" if settings.metrics_port is None else str(settings.metrics_port),
    }


def _read_crash_at(text: str) -> str:
    if not is_crash_point(text):
        message = f"SVODKA_CRASH_AT={text!r} is no crash point; svodka/settings/crash.py names them."
        raise UnusableSettingError(message)
    return text


def _read_port(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text) <= _MAX_PORT:
        message = f"{name}={text!r} is not a port number between 1 and {_MAX_PORT}."
        raise UnusableSettingError(message)
    return int(text)


def _read_fd(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit()) or int(text) > _MAX_FD:
        message = f"{ALIVE_FD}={text!r} is no open file; app.py sets it for its children."
        raise UnusableSettingError(message)
    return int(text)


def _read_hours(name: str, text: str) -> float:
    try:
        hours = float(text)
    except ValueError:
        hours = 0.0
    if not 0 < hours <= _MAX_HOURS:
        message = f"{name}={text!r} is not a number of hours above 0, at most {_MAX_HOURS}."
        raise UnusableSettingError(message)
    return hours


def _read_origin(text: str) -> str:
    """Return a public address as browsers write it; one that no browser can send would open nothing, or everything."""
    try:
        parts = urlsplit(text.lower())
        is_origin = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_origin = False
    if not is_origin or "@" in parts.netloc or text.lower() != f"{parts.scheme}://{parts.netloc}":
        message = f"SVODKA_PUBLIC_URLS: {text!r} is not an origin like https://wall.example.org."
        raise UnusableSettingError(message)
    return text.lower()
