"""How the OpenAPI document describes the operations: headers, responses and examples.

Query parameters and bodies come from the serializers; errors are added in todo_project/openapi.py.
"""
