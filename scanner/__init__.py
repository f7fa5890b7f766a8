"""hullcheck: a policy-as-code compliance scanner for container configuration."""

__version__ = "0.1.0"
