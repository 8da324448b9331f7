"""Runs Magpie: on one machine without Docker (`local`), as a demonstration (`demo`), with Docker (`compose.yaml`)."""
