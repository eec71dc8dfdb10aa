"""Rules about words: how a text is read, which lists it is held against, and what comes of it.

Everything here is pure and takes bounded time: no regular expression comes from a list, every list is a
dictionary, and a text of 4,000 characters is read once, whatever it is made of.
"""
