"""Tables, legal states and the database: what is kept, and nothing about how it is served or heard."""
