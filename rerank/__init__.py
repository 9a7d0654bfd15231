"""Neural ranking on arrays and text: encoders, cross-encoders, vector search, training. Independent of Django."""
