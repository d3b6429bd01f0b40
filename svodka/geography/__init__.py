"""Places: matching names and points to areas, preparing the map's geometry."""
