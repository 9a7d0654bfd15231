"""Parts of trials: the guides' own commands and files in a scratch folder, and real servers on loopback."""
