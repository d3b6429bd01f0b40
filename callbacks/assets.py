"""Where the browser's files lie, and which of them a page needs at once."""

from __future__ import annotations

from pathlib import Path

ASSETS = Path(__file__).resolve().parents[1] / "assets"
VENDOR = ASSETS / "vendor"
_FONTS = ("golos-cyrillic.woff2", "golos-latin.woff2")
_NOT_IMPORTED = {"watch-worker.mjs"}  # started as a worker: what is preloaded for the page is not used there
# Where Dash asks for Plotly. In place of the package's own file it gets the bundle of scripts/vendor.py.
PLOTLY_PATH = "/_dash-component-suites/plotly/package_data/plotly.min.js"
PLOTLY = VENDOR / "plotly.min.js"
# Dash asks for these two when it mounts the first figure; fetched before that, they are there when it does.
_FIGURES = (PLOTLY_PATH, "/_dash-component-suites/dash/dcc/async-graph.js")
_INDEX = """<!DOCTYPE html>
<html lang="{language}"{root}>
    <head>
        {{%metas%}}
        <title>{{%title%}}</title>
        {{%favicon%}}
        {{%css%}}
    </head>
    <body class="{body_class}">
        {{%app_entry%}}
        <footer>
            {{%config%}}
            {{%scripts%}}
            {preloads}
            {{%renderer%}}
        </footer>
    </body>
</html>"""


def render_index(language: str, *, body_class: str = "", preloads: str = "", style: str = "") -> str:
    """Return the document around every page, in which Dash replaces what stands between `{%` and `%}`.

    Args:
        language: Of the page.
        body_class: Class of the body.
        preloads: What stands behind Dash's own scripts, from `render_preloads`.
        style: Of the root element: the size of a virtual pixel in this room.
    """
    root = f' style="{style}"' if style else ""
    return _INDEX.format(language=language, body_class=body_class, preloads=preloads, root=root)


def render_preloads() -> str:
    """Return links that let a browser fetch at once what it would find out step by step, module by module.

    They stand behind Dash's own scripts: the page is mounted first. Plotly's, the largest of all, is fetched last.
    """
    modules = sorted(path for path in (ASSETS / "js").rglob("*.mjs") if path.name not in _NOT_IMPORTED)
    modules.append(VENDOR / "socket.io.esm.min.js")
    paths = [f"/assets/{path.relative_to(ASSETS).as_posix()}" for path in modules]
    return "\n            ".join(
        (
            *(f'<link rel="modulepreload" href="{path}">' for path in paths),
            *(
                f'<link rel="preload" as="font" type="font/woff2" crossorigin href="/assets/vendor/{name}">'
                for name in _FONTS
            ),
            *(f'<link rel="preload" as="script" fetchpriority="low" href="{path}">' for path in _FIGURES),
        )
    )
