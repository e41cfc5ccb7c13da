"""python -m page_tracker"""

from page_tracker.cli import main

main()
