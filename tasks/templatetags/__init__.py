"""Template filters of the admin's pages."""
