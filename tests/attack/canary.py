"""A module that no file may import."""

raise AssertionError("a file was believed")
