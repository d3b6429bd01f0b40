// What a presenter wrote over a scene: text boxes on a grid of 12 columns and 8 rows, white on dark with a frame.

import { essential, h } from "../components.mjs";

/** Children of `#annotations`; [] where nothing is written. */
export const renderAnnotations = (boxes) =>
  (boxes ?? []).map(({ text, column, row, span }) =>
    h("Div", { className: "annotation", style: { gridArea: `${row} / ${column} / span 1 / span ${span}` } }, essential("annotation-words", text)),
  );
