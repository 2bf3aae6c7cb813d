"""Brings confirmed tickets to the shared case store, each exactly once as the store sees it."""
