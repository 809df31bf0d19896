"""``python -m dspyreg``."""

from dspyreg.cli.app import main

main()
