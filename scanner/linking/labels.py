"""What a label selector matches: see `scanner.model.labels`."""

from scanner.model.labels import matches as matches
