"""Exports of what the screens show. Pictures so far: one registered page at one frozen moment as a PNG."""
