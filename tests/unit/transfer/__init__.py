"""Tests of reading files into sums: opening, tables, and sorting."""
