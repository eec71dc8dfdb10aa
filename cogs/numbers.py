"""Numbers, sizes, amounts and days as the language of the moment writes them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import lru_cache

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal

from cogs.language import spoken

MICROS = 1_000_000


def number(value: int | float) -> str:
    """Return a number with its thousands apart; of what is no whole one, one decimal."""
    pattern = "#,##0.0" if isinstance(value, float) else "#,##0"
    return format_decimal(value, pattern, locale=spoken().locale)


def mebibytes(size: int) -> str:
    """Return a size in bytes in MiB."""
    return f"{number(size / 2**20)} MiB"


def dollars(micros: int) -> str:
    """Return an amount of money; three decimals, because images cost cents."""
    return _dollars(micros, spoken().locale)


@lru_cache(maxsize=1000)  # every card has an amount, and there are few different ones
def _dollars(micros: int, locale: Locale) -> str:
    pattern = locale.currency_formats["standard"].pattern.replace("0.00", "0.000")
    return format_currency(Decimal(micros) / MICROS, "USD", pattern, locale=locale, currency_digits=False)


def cents(micros: int) -> str:
    """Return an amount that somebody has set: in cents, or as fine as it was set."""
    if micros % 10_000:
        return dollars(micros)
    return format_currency(Decimal(micros) / MICROS, "USD", locale=spoken().locale)


def day(value: date) -> str:
    """Return a day, short."""
    return format_date(value, "medium", locale=spoken().locale)
