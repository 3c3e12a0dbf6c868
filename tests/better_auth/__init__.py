"""Real Better Auth servers for the tests, in Node, and what drives them from Python."""
