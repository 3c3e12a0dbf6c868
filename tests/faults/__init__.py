"""What happens to a database, and to what is before it, while people write."""
