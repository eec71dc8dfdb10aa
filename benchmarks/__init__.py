"""Plantain beside a bare bot, on the same fakes."""
