"""The rules of profiles, one a file: no I/O, no clock."""
