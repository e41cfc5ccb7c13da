"""HTTP: requests, routes, handlers and the formats of responses.

In this package, only request.py and response.py know WSGI. page_tracker.app calls the
handlers, page_tracker.backends stores the views, and page_tracker.server runs the
server process.
"""
