"""From a connector's records to committed facts: classify, merge, close, quarantine; polling policy."""
