"""Faults on purpose: real processes under a storm of records, killed and disturbed by a seeded plan, then compared."""
