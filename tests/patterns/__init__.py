"""The patterns of our own source: what they may use, and how their cost grows."""
