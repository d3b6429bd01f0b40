"""Tables (XLSX, CSV, TSV) from a watched folder or an address, described in a sources file and not in code."""
