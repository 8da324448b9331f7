"""The mail channel: rendering of mails, invitations for calendars, the SMTP client."""
