"""The HTTP contract: routes, input, lists, versions, changes and errors."""
