"""What a task is, whose it is, and how it changes."""
