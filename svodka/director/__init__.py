"""What stands on the walls: the plan, the machine that goes through it, and the keeper that stores where it stands."""
