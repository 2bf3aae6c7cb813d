"""What goes over the wire: never a row. Names are those that programs of the city rely on; see docs/api.md."""
