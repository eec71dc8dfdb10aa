"""``python -m bot doctor``: looks at an installation and says what was seen and what to do."""
