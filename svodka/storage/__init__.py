"""The only place that knows SQL: tables, unit of work, change log, rollups, migrations, queries."""
