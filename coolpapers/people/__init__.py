"""Readers: accounts, and their stars, notes, collections, keywords, saved searches and e-mail alerts."""
