"""Settings, URLs, middleware, error responses and the server. It knows nothing about tasks."""
