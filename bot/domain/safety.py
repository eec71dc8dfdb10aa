"""What a provider is asked to refuse by itself, within what the operator allows servers to choose.

Harms and thresholds are those of the Gemini API (safetySettings); whether people may be seen is asked of
Vertex AI alone (imageConfig.personGeneration), because the Gemini API does not take it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Harm(StrEnum):
    """What somebody may be harmed by."""

    HARASSMENT = "harassment"
    HATE_SPEECH = "hate_speech"
    SEXUALLY_EXPLICIT = "sexually_explicit"
    DANGEROUS_CONTENT = "dangerous_content"


class Threshold(StrEnum):
    """From which likelihood on the provider refuses, the strictest first."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    NONE = "none"  # nothing is refused, ratings are still given
    OFF = "off"  # not even looked at


class People(StrEnum):
    """Who may be seen in pictures, the most first."""

    ALL = "all"
    ADULTS = "adults"
    NONE = "none"


_STRICTEST_FIRST = tuple(Threshold)
_FEWEST_FIRST = tuple(reversed(People))


@dataclass(frozen=True, slots=True)
class SafetyBounds:
    """What the operator allows. `default` and `people` hold for servers that set nothing; None: the
    provider's own way."""

    loosest: Mapping[Harm, Threshold] = field(default_factory=lambda: dict.fromkeys(Harm, Threshold.HIGH))
    default: Threshold | None = None
    people: People | None = None
    takes_people: bool = False  # the provider takes a wish about people

    def thresholds(self, harm: Harm) -> tuple[Threshold, ...]:
        """What a server may choose, the strictest first."""
        return _STRICTEST_FIRST[: _STRICTEST_FIRST.index(self.loosest[harm]) + 1]

    def people_choices(self) -> tuple[People, ...]:
        """What a server may choose about people, the fewest first: never more than the operator's default."""
        if not self.takes_people:
            return ()
        return _FEWEST_FIRST[: _FEWEST_FIRST.index(self.people or People.ALL) + 1]

    def safety(self, chosen: Callable[[Harm], Threshold | None]) -> tuple[tuple[str, str], ...]:
        """Return what is asked of the provider. What a server chose before the operator allowed less counts
        as the loosest that is allowed now."""
        found: list[tuple[str, str]] = []
        for harm in Harm:
            threshold = chosen(harm)
            if threshold is None:
                threshold = self.default
            elif threshold not in self.thresholds(harm):
                threshold = self.loosest[harm]
            if threshold is not None:
                found.append((harm.value, threshold.value))
        return tuple(found)

    def people_for(self, chosen: People | None) -> str | None:
        """Return what is asked of the provider about people."""
        choices = self.people_choices()
        if not choices:
            return None
        if chosen is None:
            return self.people.value if self.people else None
        return chosen.value if chosen in choices else choices[-1].value
