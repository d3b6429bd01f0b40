"""The time machine: the region as it was known at an instant, or as it is known now to have been."""
