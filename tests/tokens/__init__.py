"""Which tokens are accepted, which are refused, and why."""
