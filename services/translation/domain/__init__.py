"""The rules of translation, one topic per file. No I/O and no clock."""
