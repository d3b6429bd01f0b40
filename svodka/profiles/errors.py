"""What goes wrong with a profile; below every other folder, so that the reader can raise it."""

from __future__ import annotations


class ProfileError(Exception):
    """A file of the region profile is missing, unreadable or contradicts itself; the message is one sentence."""
