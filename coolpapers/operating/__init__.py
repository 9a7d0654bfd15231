"""Running a site: backups, and restoring them. The other apps know nothing of this one."""
