"""Measures the figures that the documentation states.

    .venv/bin/python -m tests.figures

prints a table: what is measured, where it is written, what is written there, and what
was measured. figures.py lists the figures and their places. Nothing is compared: a
person decides whether to correct the documentation.

What runs at the same time makes times longer, so the machine must be idle. The first
line says how many processes wanted the CPU in the minute before.
"""
