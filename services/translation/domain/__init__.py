"""The rules of translation, one a file: no I/O, no clock."""
