"""SQLite as Django knows it, which also opens a database that cannot be written. Start at ``base``."""
