"""The heart of Svodka: everything that is neither a connector nor a screen."""

__version__ = "0.1.0"
