"""All HTTP: the JSON API, live events, health and the console.

Routes ask `intake/` verbs and hold no transactions of their own.
"""
