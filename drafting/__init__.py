"""Pure functions from the words of a call to a draft ticket: no clock, no network, no database."""
