"""Facts that are decided over several files, one module for each kind that they are about."""
