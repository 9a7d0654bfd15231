"""How the library feeds itself: sources that are harvested by schedule, papers that readers ask for."""
