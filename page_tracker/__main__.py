"""python -m page_tracker"""

import sys

from page_tracker.cli import main

arguments = sys.argv[1:]
# What Gunicorn starts itself anew with, on SIGUSR2. As a path, this file would put its
# folder, and the http.py in it, before the standard library.
sys.argv[:1] = ["-m", "page_tracker"]
main(arguments)
