"""Notifications: everybody hears what concerns them, once, in their own language."""
