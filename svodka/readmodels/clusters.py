"""Where the appeals of the period lie, as cells of a grid, few enough to draw (скопления).

Source: docs/kpi.md, `clusters_…`.
"""

from __future__ import annotations

from collections import Counter

from svodka.readmodels.keys import Scope
from svodka.readmodels.moment import Moment
from svodka.readmodels.values import ClustersValue
from svodka.storage.cells import NOWHERE, STEP, load_cells, load_counted_at

MAX_CELLS = 400


def compute_clusters(moment: Moment, scope: Scope) -> ClustersValue:
    """Return the cells as they were last counted, as fine as `MAX_CELLS` of them allow."""
    counted_at = load_counted_at(moment.connection).get(scope.period)
    found = load_cells(moment.connection, scope.period, area=scope.area, sector=scope.sector)
    unplaced = found.pop((NOWHERE, NOWHERE), 0)
    cells, step = found, STEP
    while len(cells) > MAX_CELLS:
        coarser = Counter[tuple[int, int]]()
        for (lat_step, lon_step), n in cells.items():
            coarser[lat_step // 2, lon_step // 2] += n
        cells, step = coarser, step * 2
    return ClustersValue(
        counted_at=counted_at,
        step=step,
        cells=tuple((*place, n) for place, n in sorted(cells.items())),
        placed=sum(cells.values()),
        unplaced=unplaced,
    )
