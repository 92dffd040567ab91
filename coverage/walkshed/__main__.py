"""``python -m walkshed``: the command line."""

from walkshed.cli import main

main()
