"""Engines that translate a text: one interface; the composition root chooses the implementation.

port      the interface
glossary  renders the known terms: needs no server, and is no translation
openai    any endpoint with the API of OpenAI's chat completions
"""
