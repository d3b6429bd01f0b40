"""In-edge: connectors to feedback systems, one folder each."""
