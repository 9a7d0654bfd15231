"""The database of a site whose driver is not installed. Start at ``base``."""
