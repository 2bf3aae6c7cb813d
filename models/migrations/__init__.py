"""Every change of the tables since the first release, run by Alembic in one transaction."""
