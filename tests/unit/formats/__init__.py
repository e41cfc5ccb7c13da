"""Tests of the formats of imported files: what each accepts, refuses and leaves out."""
