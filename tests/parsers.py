"""The parsers of HTTP that can be tested."""

from importlib.util import find_spec

PARSERS = ["python", "fast"] if find_spec("gunicorn_h1c") else ["python"]
"""The values of Gunicorn's setting http_parser.

"fast" needs gunicorn_h1c, which pip has to compile: `pip install -e '.[fast]'`.
"""
