"""What is done over HTTP: with tasks, with what changed in them, and with all that is held about a person."""
