"""Simulated feedback systems: an HTTP server that speaks the protocols of real ones."""
