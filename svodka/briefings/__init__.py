"""Briefings: a storyline over one stored moment, shown on a wall or by a link, and carried away as a pack."""
