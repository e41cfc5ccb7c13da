"""The configuration of the tracker for the command line of Gunicorn.

gunicorn -c python:page_tracker.gunicorn_conf page_tracker.app:app
"""

import os

from page_tracker.operations.logs import configure_logging
from page_tracker.server.configuration import configuration
from page_tracker.settings import Settings
from page_tracker.settings.misspelled import warn_of_misspelled_variables

settings = Settings.read(os.environ)
configure_logging(settings.log_format)
warn_of_misspelled_variables()
globals().update(configuration(settings))
