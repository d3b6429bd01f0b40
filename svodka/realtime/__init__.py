"""Relay, Redis, gateway, Socket.IO: the way of a change to the browsers."""
