"""Periodic tasks of a site with several machines. Start at :mod:`coolpapers.operating.periodic.leader`."""
