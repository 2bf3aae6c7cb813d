"""Settings and the city's own data: lies under every room and imports none of them."""
