"""Inspects a page as a program can: sizes of type, texts that are cut, that overlap, labels that collide.

It looks at ink, not at boxes: a text's rectangle is where its glyphs are painted, so tight lines are no fault
and a cut descender is one. Visually hidden tables (`sr-only`) are exempt.
"""

from __future__ import annotations

from typing import Any

import msgspec

from svodka.scenes.room import Bezels

# Pixels of type at 1920x1080 (docs/wall.md); on other screens in proportion to the side that is shorter by it.
TEXT_CLASSES = {"essential": 42.0, "secondary": 21.0}
MAP_LABELS = ".map-label"

INSPECT_JS = r"""({classes, labels, base, seams}) => {
  const faults = [], across = [], texts = [], least = {};
  const add = (kind, text, detail) => faults.push({kind, text: text.trim().slice(0, 60), detail});
  const unit = Math.min(innerWidth / base, innerHeight / (base * 9 / 16)), slack = 1;
  const pen = document.createElement("canvas").getContext("2d");
  const px = (n) => Math.round(n * 10) / 10;
  const show = (r) => [r.left, r.top, r.right, r.bottom].map(px).join(" ");
  const scaleOf = (el) => {
    if (el.getScreenCTM) { const m = el.getScreenCTM(); return m ? Math.hypot(m.a, m.b) : 1; }
    const scale = el.offsetHeight ? el.getBoundingClientRect().height / el.offsetHeight : 1;
    return Math.abs(scale - 1) < 0.03 ? 1 : scale;  // offsetHeight is rounded
  };
  const ink = (el, text, style, scale, rect) => {
    pen.font = `${style.fontStyle} ${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
    const m = pen.measureText(style.textTransform === "uppercase" ? text.toUpperCase() : text);
    const line = (m.fontBoundingBoxAscent + m.fontBoundingBoxDescent) * scale;
    if (Math.abs(line - rect.height) > 0.15 * rect.height) return rect;  // turned or odd: keep the whole box
    const base = rect.top + m.fontBoundingBoxAscent * scale;
    return {left: rect.left, right: rect.right,
            top: base - m.actualBoundingBoxAscent * scale, bottom: base + m.actualBoundingBoxDescent * scale};
  };
  const within = (box, r) => box.left >= r.left - slack && box.right <= r.right + slack
    && box.top >= r.top - slack && box.bottom <= r.bottom + slack;
  const clips = (style) => style.overflowX !== "visible" || style.overflowY !== "visible";
  const isFramed = (style) => parseFloat(style.borderTopWidth) > 0 && style.borderTopStyle !== "none"
    && !/^rgba\(.*, 0\)$/.test(style.borderTopColor);
  const isSeen = (el) => el.checkVisibility({opacityProperty: true, visibilityProperty: true});
  for (const el of document.querySelectorAll("[data-panel] *")) {
    const panel = el.closest("[data-panel]");
    if (el instanceof SVGElement || el.closest(".sr-only") || !el.innerText?.trim()) continue;
    if (!isFramed(getComputedStyle(el)) || !isSeen(el)) continue;
    const r = el.getBoundingClientRect(), room = panel.getBoundingClientRect();
    if (!within(r, room)) add("cut", el.innerText, `its frame ${show(r)} outside its panel ${show(room)}`);
  }
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const el = node.parentElement, text = node.textContent.replace(/\s+/g, " ");
    if (!text.trim() || el.closest("script, style, noscript, title, .sr-only")) continue;
    if (!isSeen(el)) continue;
    const style = getComputedStyle(el), scale = scaleOf(el);
    const range = document.createRange();
    range.selectNodeContents(node);
    const boxes = [...range.getClientRects()].filter((r) => r.width > 0 && r.height > 0)
      .map((r) => ink(el, text.trim(), style, scale, r));
    if (!boxes.length) { add("cut", text, "no room at all"); continue; }
    texts.push({el, text, boxes});

    const kind = el.closest("[data-text]")?.dataset.text;
    const size = parseFloat(style.fontSize) * scale;
    if (!(kind in classes)) add("no class", text, `data-text is ${kind}`);
    else if (size < classes[kind] * unit - 0.5)
      add("too small", text, `${px(size)} px < ${px(classes[kind] * unit)} px`);
    if (kind in classes) least[kind] = Math.min(least[kind] ?? Infinity, size);
    if (/(…|\.\.\.)$/.test(text.trim())) add("cut", text, "ends in an ellipsis");

    for (const box of boxes) {
      for (const [from, to, first, last] of [["left", "right", ...seams.x], ["top", "bottom", ...seams.y]]
        .flatMap(([from, to, ...at]) => at.map((middle) => [from, to, middle - seams.px / 2, middle + seams.px / 2])))
        if (box[from] < first - slack && box[to] > last + slack)
          across.push({kind: "across a seam", text: text.trim(), detail: `${show(box)} over ${px(first)}`});
      if (!within(box, {left: 0, top: 0, right: innerWidth, bottom: innerHeight}))
        add("cut", text, `outside the viewport: ${show(box)}`);
      for (let up = el; up && up !== document.body; up = up.parentElement) {
        const s = getComputedStyle(up);
        if (s.textOverflow === "ellipsis" && clips(s)) add("cut", text, "text-overflow: ellipsis");
        const isPanel = up.hasAttribute("data-panel");
        if (!clips(s) && !isPanel) continue;
        if (up instanceof SVGElement && !(up instanceof SVGSVGElement)) continue;
        const r = up.getBoundingClientRect();
        if (!within(box, r))
          add("cut", text, `${show(box)} outside ${isPanel ? "its panel" : "what clips it"} ${show(r)}`);
        if (isPanel) break;
      }
    }
  }
  const meet = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > slack
    && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > slack;
  for (let i = 0; i < texts.length; i++) for (let j = i + 1; j < texts.length; j++) {
    if (texts[i].el === texts[j].el) continue;
    if (texts[i].boxes.some((a) => texts[j].boxes.some((b) => meet(a, b))))
      add("overlap", texts[i].text, `with "${texts[j].text.trim().slice(0, 60)}"`);
  }
  const placed = [...document.querySelectorAll(labels)]
    .filter(isSeen);
  for (let i = 0; i < placed.length; i++) for (let j = i + 1; j < placed.length; j++) {
    const a = placed[i].getBoundingClientRect(), b = placed[j].getBoundingClientRect();
    if (Math.min(a.right, b.right) > Math.max(a.left, b.left) && Math.min(a.bottom, b.bottom) > Math.max(a.top, b.top))
      add("labels collide", placed[i].textContent, `with "${placed[j].textContent.trim()}"`);
  }
  return {faults, seams: across, texts_n: texts.length, labels_n: placed.length, least};
}"""


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong, with the text it concerns."""

    kind: str
    text: str
    detail: str

    def __str__(self) -> str:
        """Return one line for a report."""
        return f"{self.kind}: «{self.text}»: {self.detail}"


class Inspection(msgspec.Struct, frozen=True, kw_only=True):
    """What was found, and how much was looked at (nothing looked at proves nothing).

    `seams` are texts across a seam between two displays: a wish of a room, no fault of a page. `least` is the smallest
    type of each class, in CSS pixels.
    """

    faults: tuple[Fault, ...]
    seams: tuple[Fault, ...] = ()
    texts_n: int
    labels_n: int
    least: dict[str, float] = {}


def inspect_page(page: Any, seams: Bezels | None = None) -> Inspection:
    """Return the faults of a playwright page as it stands now; `seams` between displays are in its CSS pixels."""
    settings = {"classes": TEXT_CLASSES, "labels": MAP_LABELS, "base": 1920}
    found = page.evaluate(INSPECT_JS, settings | {"seams": msgspec.to_builtins(seams or Bezels())})
    return msgspec.convert(found, Inspection)
