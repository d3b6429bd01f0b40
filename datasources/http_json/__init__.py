"""Any JSON or GeoJSON feed, described in a sources file and not in code."""
