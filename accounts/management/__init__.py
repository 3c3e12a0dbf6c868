"""The operators' commands about accounts."""
