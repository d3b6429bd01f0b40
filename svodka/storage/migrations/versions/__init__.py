"""One module per step of the schema; the number is its order."""
