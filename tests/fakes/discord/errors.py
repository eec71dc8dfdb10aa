"""Discord's error answers, with the codes of its documentation (Opcodes and Status Codes, JSON)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class ApiError(Exception):
    """An answer that refuses: HTTP status, Discord's code, its sentence, the faults by field."""

    def __init__(self, status: int, code: int, message: str, errors: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.errors = errors

    def body(self) -> dict[str, Any]:
        """The JSON object that Discord would answer with."""
        body: dict[str, Any] = {"message": self.message, "code": self.code}
        if self.errors:
            body["errors"] = dict(self.errors)
        return body


def unauthorised() -> ApiError:
    """The bot's token is wrong or missing."""
    return ApiError(401, 0, "401: Unauthorized")


def no_route() -> ApiError:
    """The path is none that Discord (or this fake) knows."""
    return ApiError(404, 0, "404: Not Found")


def unknown(what: str) -> ApiError:
    """The object does not exist, or not for this bot."""
    codes = {
        "Channel": 10003,
        "Guild": 10004,
        "Member": 10007,
        "Message": 10008,
        "User": 10013,
        "Webhook": 10015,
        "Interaction": 10062,
        "Application Command": 10063,
    }
    return ApiError(404, codes[what], f"Unknown {what}")


def token_expired() -> ApiError:
    """An interaction token that is older than 15 minutes, or that never existed."""
    return ApiError(401, 50027, "Invalid Webhook Token")


def already_acknowledged() -> ApiError:
    """A second initial response to one interaction."""
    return ApiError(400, 40060, "Interaction has already been acknowledged.")


def too_large() -> ApiError:
    """A file is above the limit of the interaction or channel."""
    return ApiError(413, 40005, "Request entity too large")


def missing_access() -> ApiError:
    """The bot is not in that server, or cannot see that channel."""
    return ApiError(403, 50001, "Missing Access")


def not_author() -> ApiError:
    """Only the author edits a message."""
    return ApiError(403, 50005, "Cannot edit a message authored by another user")


def empty_message() -> ApiError:
    """Nothing to show."""
    return ApiError(400, 50006, "Cannot send an empty message")


def cannot_dm() -> ApiError:
    """The user takes no direct messages from this bot."""
    return ApiError(403, 50007, "Cannot send messages to this user")


def missing_permissions() -> ApiError:
    """The bot lacks a permission in that channel."""
    return ApiError(403, 50013, "Missing Permissions")


def thread_exists() -> ApiError:
    """A message carries at most one thread."""
    return ApiError(400, 160004, "A thread has already been created for this message")


def too_many_followups() -> ApiError:
    """A command that is only installed to the user may follow up five times."""
    return ApiError(400, 40094, "This interaction has reached the maximum number of follow up messages")


def invalid(path: str, code: str, message: str) -> ApiError:
    """One fault in a request body; `path` names the field with dots, as in `components.0.type`."""
    errors: dict[str, Any] = {"_errors": [{"code": code, "message": message}]}
    for name in reversed(path.split(".")):
        errors = {name: errors}
    return ApiError(400, 50035, "Invalid Form Body", errors)
