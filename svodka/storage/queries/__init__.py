"""Questions that read models ask: SQL alone, no meaning of its own.

One module per kind of question. Every function takes the caller's read transaction and half-open spans of
aware UTC instants; what comes back is plain numbers and typed rows. Counts come from the rollups where those hold
them, and by an index from the facts where time itself decides.
"""
