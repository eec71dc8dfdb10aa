"""The same class on Vertex AI."""

from __future__ import annotations

from dataclasses import replace

import pytest
from google.auth.credentials import Credentials
from google.auth.exceptions import DefaultCredentialsError
from google.oauth2.credentials import Credentials as Token

from bot.domain.answers import Verdict
from bot.errors import KeyRefused
from bot.providers.gemini import Gemini
from tests.providers.calls import MODEL, SIMPLE, ask
from tests.providers.discovery import check_request
from tests.providers.local_server import LocalServer, answer, parts, picture
from tests.providers.shelf import Shelf


def on_vertex(server: LocalServer, store: Shelf, credentials: Credentials | None = None) -> Gemini:
    return Gemini(
        store,
        vertex=True,
        project="my-project",
        location="europe-west4",
        credentials=credentials,
        base_url=server.url,
    )


async def test_project_and_token(server: LocalServer, store: Shelf) -> None:
    server.scripts = [answer(parts(picture(b"x")))]
    token = Token("secret-token")
    async with on_vertex(server, store, token) as gemini:
        got = await ask(gemini)
    assert got.verdict is Verdict.PICTURE
    request = server.requests[0]
    where = "/v1beta1/projects/my-project/locations/europe-west4/publishers/google"
    assert request.path == f"{where}/models/{MODEL}:generateContent"
    assert request.headers["authorization"] == "Bearer secret-token"
    assert "x-goog-api-key" not in request.headers
    check_request(request.json, file="vertex-v1.json")


@pytest.mark.parametrize(
    ("people", "sent"), [("all", "ALLOW_ALL"), ("adults", "ALLOW_ADULT"), ("none", "ALLOW_NONE")]
)
async def test_who_may_be_seen(server: LocalServer, store: Shelf, people: str, sent: str) -> None:
    server.scripts = [answer(parts(picture(b"x")))]
    async with on_vertex(server, store, Token("secret-token")) as gemini:
        await ask(gemini, replace(SIMPLE, people=people, safety=(("harassment", "none"),)))
    body = server.requests[0].json
    assert body["generationConfig"]["imageConfig"] == {"personGeneration": sent}
    assert body["safetySettings"] == [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}]
    check_request(body, file="vertex-v1.json")


async def test_a_key_of_the_environment_is_not_used(
    server: LocalServer, store: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", "a key for the other API")
    server.scripts = [answer(parts(picture(b"x")))]
    async with on_vertex(server, store, Token("secret-token")) as gemini:
        await ask(gemini)
    assert "x-goog-api-key" not in server.requests[0].headers


async def test_without_credentials_the_operator_is_told(
    server: LocalServer, store: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(**_: object) -> None:
        raise DefaultCredentialsError("Your default credentials were not found.")

    monkeypatch.setattr("google.auth.default", none)
    server.scripts = [answer({})]
    async with on_vertex(server, store) as gemini:
        with pytest.raises(KeyRefused):
            await ask(gemini)
    assert server.requests == []


async def test_google_own_address(store: Shelf) -> None:
    """Where no base URL is set, the location picks the host."""
    token = Token("secret-token")
    async with Gemini(store, vertex=True, project="p", location="global", credentials=token) as gemini:
        client = gemini._client
        assert client is not None
        options = client._api_client._http_options
        assert options.base_url == "https://aiplatform.googleapis.com/"
        assert options.api_version == "v1beta1"
