"""The rules of profiles, one topic per file. No I/O and no clock."""
