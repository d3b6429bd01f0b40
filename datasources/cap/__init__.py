"""Alerts in the Common Alerting Protocol, single or in Atom, RSS and EDXL-DE, as incidents."""
