"""Where the mark of an event stands: a cell of a grid that can be told again from the pixels it is drawn at. Pure.

Event n stands in one of 2,000 cells, 40 columns by 50 rows, all of them about ten pixels apart on any of the pages;
whoever sees a mark drawn knows which event it is, up to multiples of 2,000, whatever projection the page uses.
Also imported by the peers' servers, which know nothing of the product.
"""

from __future__ import annotations

COLUMNS = 40
ROWS = 50
CELLS = COLUMNS * ROWS
STRIDE = 733  # shares no factor with CELLS: a thousand events in a row touch every column and every row
MARKS_N = 1000
FEED_N = 50

Box = tuple[float, float, float, float]


def cell_of(n: int) -> tuple[int, int]:
    """Return column and row of event `n`; events before the measurement have negative numbers."""
    row, column = divmod(n * STRIDE % CELLS, COLUMNS)
    return column, row


def point_of(n: int, box: Box) -> tuple[float, float]:
    """Return latitude and longitude of event `n` in a box of (west, south, east, north) degrees."""
    west, south, east, north = box
    column, row = cell_of(n)
    lat = south + (north - south) * (row + 0.5) / ROWS
    lon = west + (east - west) * (column + 0.5) / COLUMNS
    return round(lat, 3), round(lon * 500) / 500  # as the product snaps points
