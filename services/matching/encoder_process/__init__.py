"""Encoders in a process of their own: encoding is a third of matching's work, and would hold its interpreter."""

from .asking import EncoderEnded, EncoderProcess, EncodingFailed, ProcessEncoder

__all__ = ["EncoderEnded", "EncoderProcess", "EncodingFailed", "ProcessEncoder"]
