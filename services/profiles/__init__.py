"""The profiles service: profiles of organisations, and the private records of their members."""
