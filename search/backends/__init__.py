"""The engines behind one contract; ``base.SearchBackend`` says what they promise."""
