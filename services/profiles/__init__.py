"""Profiles of organisations and, privately, their members."""
