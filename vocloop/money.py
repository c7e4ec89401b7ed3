"""Amounts of several customers, in one currency.

Customers pay in their own; sums are told in ``VOCLOOP_CURRENCY`` by ``VOCLOOP_EXCHANGE_RATES``.
What no rate is known of is never added up: it is counted apart."""

from __future__ import annotations

from vocloop.config import settings


def converted(amount: float, currency: str) -> float | None:
    """``amount`` in the currency of the settings; None when no rate is known."""
    configured = settings()
    if currency == configured.currency:
        return amount
    rate = configured.exchange_rates.get(currency)
    return None if rate is None else amount * rate


def comparable(amount: float | None, currency: str) -> float:
    """For sums and orders: 0 for what is not known, or of which no rate is."""
    return converted(amount or 0, currency) or 0
