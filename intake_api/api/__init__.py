"""The JSON API, `/api/v1`: each file serves one kind of thing and is a table of contents of what may be asked of it."""
