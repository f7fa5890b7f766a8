"""Dockerfiles: their stages, and what each of them says of the image that it builds."""

from scanner.formats.dockerfile.reader import dockerfile_of, read_dockerfile

__all__ = ["dockerfile_of", "read_dockerfile"]
