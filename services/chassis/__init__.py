"""The chassis: a batch of decisions, one commit. Its rooms and what services may use of them: README.md."""

VERSION = "0.1.0"
"""Of Magpie; that of pyproject.toml."""
