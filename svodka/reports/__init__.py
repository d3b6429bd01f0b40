"""Pictures of what is on screen."""
