"""Notifications: tells members what concerns them, once per event and channel, in their own language."""
