"""What a reader owns: accounts, stars, collections, saved searches."""
