"""Out-edge, what happens: callbacks and endpoints; modules only wire."""
