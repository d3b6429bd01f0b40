// What a presenter wrote over a scene: text boxes on a grid of 12 columns and 8 rows, white on dark with a frame. Where the
// columns stand from right to left, so do they: a box stays with its panel.

import { essential, h } from "../components.mjs";

const COLUMNS = 12;

/** Children of `#annotations`; [] where nothing is written. */
export const renderAnnotations = (boxes, isMirrored) =>
  (boxes ?? []).map(({ text, column, row, span }) =>
    h("Div", { className: "annotation", style: { gridArea: `${row} / ${isMirrored ? COLUMNS + 2 - column - span : column} / span 1 / span ${span}` } }, essential("annotation-words", text)),
  );
