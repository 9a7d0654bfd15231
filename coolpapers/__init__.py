"""The project: settings, addresses and three apps (papers, reading, people)."""
