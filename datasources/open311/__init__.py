"""Open311 GeoReport v2: requests of citizens in cities all over the world, and of the simulator."""
