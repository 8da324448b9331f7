"""The rules of notifying, one a file: no I/O, no clock."""
