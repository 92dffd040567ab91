"""The command line."""

from walkshed.cli import studies
from walkshed.cli.commands import app, main
from walkshed.cli.examples import show_examples
from walkshed.cli.sites import sites

__all__ = ["app", "main", "sites", "studies"]

show_examples(app)
