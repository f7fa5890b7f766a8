"""Reports as text. Each module here other than `base` is one output format, named after it."""
