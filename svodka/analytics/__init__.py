"""Pure computations: rollup contributions, KPI."""
