"""Neural ranking on arrays and text: encoders, cross-encoders, CUR, CoSENT. Knows nothing of Django or papers."""
