"""The map with many appeals below it: what a live point costs, and what moving the map costs."""
