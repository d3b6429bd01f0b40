"""From a source's answer to committed: what `python -m bench.ingest` measures."""
