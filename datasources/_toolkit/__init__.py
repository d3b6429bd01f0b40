"""What every connector shares; the only place with HTTP."""
