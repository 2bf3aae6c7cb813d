"""News between processes that may be lost without losing anything: facts are in the spool, rows in the database."""
