"""Scenes as data, the rooms they are seen in, and what both must keep so that they can be read."""
