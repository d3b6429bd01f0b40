"""Public recordings through connectors and mappings, against counts made without them: `python -m bench.corpus`."""
