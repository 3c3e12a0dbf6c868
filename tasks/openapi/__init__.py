"""How the OpenAPI document describes the operations, one file for each file of views."""
