"""The site on disks that are full, read-only or not its own."""
