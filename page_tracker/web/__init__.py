"""HTTP: requests, routes, handlers and the formats of responses.

Only request.py and response.py know WSGI. How and where views are stored belongs to
page_tracker.backends, and the process that serves to page_tracker.server.
"""
