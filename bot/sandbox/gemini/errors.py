"""Google's errors: one exception that knows the JSON body it becomes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

_STATUS = {
    400: "INVALID_ARGUMENT",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
}
_TYPE = "type.googleapis.com/google.rpc."


class ApiError(Exception):
    """A refusal in Google's shape: `{"error": {"code", "message", "status", "details": […]}}`."""

    def __init__(
        self,
        code: int,
        message: str,
        *,
        status: str = "",
        details: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status or _STATUS.get(code, HTTPStatus(code).name)
        self.details = details

    def body(self) -> bytes:
        """The JSON body, pretty-printed as Google's front end does it."""
        error: dict[str, Any] = {"code": self.code, "message": self.message, "status": self.status}
        if self.details:
            error["details"] = list(self.details)
        return json.dumps({"error": error}, indent=2).encode()


def bad_request(message: str, field: str = "") -> ApiError:
    """A 400 INVALID_ARGUMENT; with `field`, also Google's list of field violations."""
    if not field:
        return ApiError(400, message)
    violation = {"field": field, "description": message}
    return ApiError(400, message, details=[{"@type": f"{_TYPE}BadRequest", "fieldViolations": [violation]}])


def overloaded() -> ApiError:
    """The 503 that comes when a model has no capacity left for the moment."""
    return ApiError(503, "The model is overloaded. Please try again later.")


def no_capacity(model: str) -> ApiError:
    """The 503 with an ErrorInfo that says MODEL_CAPACITY_EXHAUSTED."""
    info = {
        "@type": f"{_TYPE}ErrorInfo",
        "reason": "MODEL_CAPACITY_EXHAUSTED",
        "domain": "generativelanguage.googleapis.com",
        "metadata": {"model": model},
    }
    return ApiError(503, f"No capacity available for model {model} on the server", details=[info])


def deadline() -> ApiError:
    """The 503 of a generation that took Google too long."""
    return ApiError(503, "Deadline expired before operation could complete.")


def wrong_country() -> ApiError:
    """The 400 FAILED_PRECONDITION of a place where Google offers no image generation."""
    return ApiError(400, "Image generation is not available in your country.", status="FAILED_PRECONDITION")


def quota(model: str, retry_in: float, period: str = "Minute") -> ApiError:
    """The 429 of a used-up quota of a minute or a day: QuotaFailure and a RetryInfo of `retry_in` seconds."""
    metric = "generativelanguage.googleapis.com/generate_content_requests"
    failure = {
        "@type": f"{_TYPE}QuotaFailure",
        "violations": [
            {
                "quotaMetric": metric,
                "quotaId": f"GenerateRequestsPer{period}PerProjectPerModel",
                "quotaDimensions": {"location": "global", "model": model},
                "quotaValue": "10",
            }
        ],
    }
    delay = f"{retry_in:.3f}".rstrip("0").rstrip(".") + "s"
    return ApiError(
        429,
        "You exceeded your current quota, please check your plan and billing details.\n"
        f"* Quota exceeded for metric: {metric}, limit: 10, model: {model}\nPlease retry in {delay}.",
        details=[failure, {"@type": f"{_TYPE}RetryInfo", "retryDelay": delay}],
    )


def unregistered() -> ApiError:
    """The 403 of a call without any API key."""
    return ApiError(
        403,
        "Method doesn't allow unregistered callers (callers without established identity). "
        "Please use API Key or other form of API consumer identity to call this API.",
    )


def unknown_model(model: str) -> ApiError:
    """The 404 of a model id that Google does not know."""
    return ApiError(
        404,
        f"models/{model} is not found for API version v1beta, or is not supported for generateContent. "
        "Call ListModels to see the list of available models and their supported methods.",
    )


def retired_model(model: str) -> ApiError:
    """The 404 of a model that was shut down."""
    return ApiError(
        404,
        f"This model models/{model} is no longer available. "
        "Please update your code to use a newer model for the latest features and improvements.",
    )
