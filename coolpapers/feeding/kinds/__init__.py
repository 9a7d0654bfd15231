"""What each kind of source does when its time comes. Start at :mod:`.registry`."""
