"""Out-edge, what is seen: pages and panels as pure functions."""
