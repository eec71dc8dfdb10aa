"""What happens, as numbers for Prometheus. Nothing outside of this package knows prometheus-client."""

from bot.metrics.meters import Meters

__all__ = ["Meters"]
