"""Settings, schema, server, OpenAPI and documentation."""
