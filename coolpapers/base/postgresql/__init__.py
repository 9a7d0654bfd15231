"""PostgreSQL: its address in the settings, and waiting while it restarts."""
