"""An encoder in a process of its own: encoding is a third of matching's work, and would hold its interpreter."""

from .asking import EncoderEnded, EncoderProcess, EncodingFailed

__all__ = ["EncoderEnded", "EncoderProcess", "EncodingFailed"]
