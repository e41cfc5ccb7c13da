"""What is counted, in the project's own words: pages, views, visitors, tallies.

Rules and values alone: nothing here reads or writes anything, or knows HTTP. This
package imports no other part of page_tracker.
"""
