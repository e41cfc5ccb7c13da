"""Tests of the JSON API behind the dashboard."""
