"""Benches of what goes out: bibliographies in LaTeX and in citation processors."""
