"""The rules of matching and meeting, one a file: no I/O, no clock."""
