"""The settings of the tracker: read from options and variables, and checked.

This package knows the name of each setting, and what its value may be. It does not
apply the settings: the other packages do.
"""

from page_tracker.settings.settings import Settings
from page_tracker.settings.source import SettingsError

__all__ = ["Settings", "SettingsError"]
