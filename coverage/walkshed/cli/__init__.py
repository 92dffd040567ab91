"""The command line."""

from walkshed.cli.commands import app, main

__all__ = ["app", "main"]
