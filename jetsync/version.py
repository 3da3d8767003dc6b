"""The version of this program, the one of pyproject.toml: what a case file names."""

VERSION = "0.1.0"
