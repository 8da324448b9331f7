"""What operators look at and do: one command for all services of an installation."""
