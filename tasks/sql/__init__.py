"""Every SQL statement that the API sends about tasks, and how it is run."""
