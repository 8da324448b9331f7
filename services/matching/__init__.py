"""Matching: who should meet whom, whether they agree, and when they meet."""
