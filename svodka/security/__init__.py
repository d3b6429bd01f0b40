"""Principals, links, sessions and the one seam, authorise."""
