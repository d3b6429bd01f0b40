"""Words that people see, by key, Russian first."""
