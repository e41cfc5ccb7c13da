"""Another process locks the SQLite file, is suspended, or keeps reading."""
