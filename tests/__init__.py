"""The specification: one file a promise, through HTTP where a request can show it."""
