"""What pages tell reference managers and search engines of the papers that they show."""
