"""From the resources of a scan to one graph: what refers to what, and what a container really is."""
