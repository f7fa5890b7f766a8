"""The graph of a scan as data, as text for other programs, and as a page."""
