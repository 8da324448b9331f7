"""Engines that turn a text into another language: one port, chosen in the composition root.

port      what an engine is
glossary  renders the known terms: needs nothing, and is no translation
openai    any endpoint that speaks OpenAI's chat completions
"""
