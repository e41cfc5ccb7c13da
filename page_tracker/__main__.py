"""The command line: python -m page_tracker"""

import sys

from page_tracker.cli.main import main

arguments = sys.argv[1:]
# Gunicorn restarts itself with sys.argv on SIGUSR2. With the path of this file there,
# Python would search the folder of this file before the standard library.
sys.argv[:1] = ["-m", "page_tracker"]
main(arguments)
