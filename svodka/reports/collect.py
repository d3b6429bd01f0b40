"""What a page shows, read from its own document by the panel contract (docs/architecture.md, Panels).

Used by the renderer of pictures, and by tests on the live page: both read with the same words.
"""

from __future__ import annotations

import msgspec

# Only what the scene shows: a panel out of sight has no `data-panel`. The id of a number is its `data-kpi` with the
# scope of its panel's key (`received_today@sector=housing`). Values that stand twice (drawn, and in a panel's hidden
# table) must agree; `conflicts` names those that do not.
COLLECT_JS = """() => {
  const panels = {}, values = {}, conflicts = [];
  for (const el of document.querySelectorAll("[data-panel]")) {
    const seq = el.dataset.seq;
    panels[el.dataset.panel] = {
      state: el.dataset.state || "",
      as_of: el.dataset.asOf || null,
      seq: seq === undefined || seq === "" ? null : Number(seq),
    };
  }
  for (const el of document.querySelectorAll("[data-panel] [data-kpi]")) {
    const text = el.dataset.value;
    if (text === undefined) continue;
    const value = text === "" ? null : Number(text);
    const scope = (el.closest("[data-panel]").dataset.key || "").split("@")[1];
    const id = el.dataset.kpi + (scope ? "@" + scope : "");
    if (id in values && values[id] !== value) conflicts.push(id);
    values[id] = value;
  }
  const list = (attribute) => [...document.querySelectorAll("[data-panel] [" + attribute + "]")]
    .map((el) => el.getAttribute(attribute));
  return {
    panels, values, conflicts,
    appeals: list("data-appeal-id"), incidents: list("data-incident-id"),
    ready: document.documentElement.dataset.ready === "true",
  };
}"""


class PanelView(msgspec.Struct, frozen=True, kw_only=True):
    """One panel as the page declares it; `as_of` is ISO 8601, None before the first data."""

    state: str
    as_of: str | None
    seq: int | None


class PageView(msgspec.Struct, frozen=True, kw_only=True):
    """A whole page: its panels, every machine-readable value (None: no data), rows by our ids, in their order."""

    panels: dict[str, PanelView]
    values: dict[str, float | None]
    conflicts: tuple[str, ...]
    appeals: tuple[str, ...]
    incidents: tuple[str, ...]
    ready: bool

    @property
    def seq(self) -> int | None:
        """The lowest seq that any panel stands at; None while one has none."""
        numbers = [panel.seq for panel in self.panels.values()]
        known = [number for number in numbers if number is not None]
        return min(known) if known and len(known) == len(numbers) else None

    @property
    def as_of(self) -> str | None:
        """The newest instant that any panel's data are of."""
        return max((panel.as_of for panel in self.panels.values() if panel.as_of), default=None)


class PictureFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What is written into a picture's metadata, under the key `svodka`.

    Attributes:
        path: The page.
        scene: Reference of the scene that it showed.
        epoch: Which log `seq` belongs to.
        seq: What the pictured page stood at.
        at: The server's clock when the page was frozen, ISO 8601.
        as_of: «Данные на», ISO 8601, None without data.
        states: State by panel.
        values: Value by `data-kpi`, None without data.
        ready: Whether the page said that everything was drawn.
    """

    path: str
    scene: str
    epoch: str
    seq: int | None
    at: str
    as_of: str | None
    states: dict[str, str]
    values: dict[str, float | None]
    ready: bool
