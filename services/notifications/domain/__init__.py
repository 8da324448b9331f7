"""The rules of notifying, one subject per file. Pure: no I/O, no clock of their own."""
