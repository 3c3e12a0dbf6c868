"""The HTTP views: tasks, the changes feed, and export and erasure of a user's data."""
