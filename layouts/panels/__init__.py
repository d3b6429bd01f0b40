"""Panels, one module each."""
