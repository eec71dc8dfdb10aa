"""Which account of Google's calls are made with, looked at before anything is started."""

from __future__ import annotations

from bot.errors import ConfigurationError, Fault


def check_account(*, api_key: str | None, vertex: bool, project: str | None, location: str | None) -> None:
    """Raise ConfigurationError where no call could be made: a key is needed, or, on Vertex AI, a project."""
    if vertex and not (project and location):
        raise ConfigurationError(
            [Fault("gemini", "Vertex AI needs a project and a location", "Set both, or use an API key")]
        )
    if not vertex and not api_key:
        raise ConfigurationError(
            [Fault("GEMINI_API_KEY", "is missing", "Get one at https://aistudio.google.com/apikey")]
        )
