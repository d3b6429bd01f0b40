"""Read models: the typed value of every panel, read at one seq. The browser computes no KPI."""
