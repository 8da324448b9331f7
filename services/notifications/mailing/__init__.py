"""The channel that leaves the house by SMTP: letters, invitations, the connection."""
