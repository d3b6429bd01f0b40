"""The heart of Svodka: everything that is neither a connector nor a screen."""
