"""Settings: where they come from, and that no secret is ever printed."""

from __future__ import annotations

import tomllib
from itertools import pairwise
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.config import GeminiSettings, Settings, load_settings, sections
from bot.errors import ConfigurationError
from tests.house.working_directory import House

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "config.example.toml"
TOKEN = "MTIzNDU2Nzg5MDEyMzQ1Njc4.GhIjKl.abcdefghijklmnopqrstuvwxyz9753108642AB"
KEY = "AIzaSyA-9876543210zyxwvutsrqponmlkjihgfe"


def shows(text: str, secret: str) -> bool:
    """Whether any piece of the secret is in the text."""
    return any(secret[start : start + 8] in text for start in range(len(secret) - 7))


# --- where settings come from -----------------------------------------------------------------------------


def test_without_anything_the_defaults_hold(house: House) -> None:
    settings = house.load()
    assert settings == Settings()
    assert settings.discord_token is None and settings.gemini_api_key is None
    assert settings.gemini.default_model == "gemini-nano-banana-2.1"
    assert (settings.limits.daily_images, settings.limits.max_concurrent) == (20, 64)


def test_the_web_server_is_for_this_machine_alone_unless_somebody_says_otherwise(house: House) -> None:
    server = house.load().server
    assert (server.host, server.port, server.public_url) == ("127.0.0.1", 8080, "")


def test_the_example_is_complete_and_says_the_defaults() -> None:
    assert load_settings(EXAMPLE, environ={}, directory=ROOT / "does-not-exist") == Settings()
    written = {
        f"{section}.{key}" for section, table in tomllib.loads(EXAMPLE.read_text()).items() for key in table
    }
    assert written == {
        f"{section}.{key}" for section, model in sections().items() for key in model.model_fields
    }


def test_every_setting_of_the_example_has_a_comment() -> None:
    lines = EXAMPLE.read_text("utf-8").splitlines()
    settings = [(above, line) for above, line in pairwise(lines) if " = " in line and line[0] != "#"]
    assert settings and [line for above, line in settings if not above.startswith("# ")] == []


def test_every_setting_has_a_remedy_to_offer() -> None:
    without = [
        f"{section}.{key}"
        for section, model in sections().items()
        for key, field in model.model_fields.items()
        if not field.description
    ]
    assert without == []


def test_the_environment_counts_more_than_dotenv_and_both_more_than_the_file(house: House) -> None:
    house.write("PLANTAIN_LIMITS__DAILY_IMAGES=2\nPLANTAIN_SERVER__PORT=2\nOTHER=x\n", ".env")
    settings = house.load(
        "[limits]\ndaily_images = 1\n[server]\nport = 1\n[sandbox]\nport = 1\n",
        {"PLANTAIN_LIMITS__DAILY_IMAGES": "3", "HOME": "/root"},
    )
    assert (settings.limits.daily_images, settings.server.port, settings.sandbox.port) == (3, 2, 1)


def test_every_setting_can_be_a_variable(house: House) -> None:
    settings = house.load(
        environ={
            "PLANTAIN_DISCORD__PROXY": "http://127.0.0.1:8888/",
            "PLANTAIN_DISCORD__GUILD_IDS": "[1, 2]",
            "PLANTAIN_DISCORD__MESSAGE_CONTENT": "False",
            "PLANTAIN_GEMINI__BASE_URL": "http://127.0.0.1:9000/gemini/",
            "PLANTAIN_GEMINI__DEFAULT_MODEL": "2",
            "PLANTAIN_GEMINI__VERTEX": "true",
            "PLANTAIN_GEMINI__PROJECT": "my-project",
            "PLANTAIN_GEMINI__TIMEOUT_SECONDS": "2.5",
            "PLANTAIN_GEMINI__CATALOGUE": str(EXAMPLE),
            "PLANTAIN_STORAGE__URL": "postgresql://bot:pw@db/plantain",
            "PLANTAIN_STORAGE__PATH": "/srv/plantain",
            "PLANTAIN_LIMITS__TIMEZONE": "Europe/Berlin",
            "PLANTAIN_LOG__LEVEL": "DEBUG",
        }
    )
    assert settings.discord.proxy == "http://127.0.0.1:8888"
    assert settings.discord.guild_ids == (1, 2)
    assert settings.discord.message_content is False
    assert settings.gemini == GeminiSettings(
        base_url="http://127.0.0.1:9000/gemini",
        default_model="2",
        vertex=True,
        project="my-project",
        timeout_seconds=2.5,
        catalogue=EXAMPLE,
    )
    assert settings.storage.path == Path("/srv/plantain")
    assert settings.log.level == "DEBUG"


def test_a_file_that_is_named_is_read_instead_of_config_toml(house: House) -> None:
    house.write("[limits]\ndaily_images = 1\n")
    other = house.write("\ufeff[limits]\ndaily_images = 2\n", "other.toml")  # as Windows' editor saves it
    assert load_settings(other, environ={}, directory=house.folder).limits.daily_images == 2


def test_a_variable_names_the_file_for_every_command(house: House) -> None:
    house.write("[limits]\ndaily_images = 1\n")
    other = house.write("[limits]\ndaily_images = 2\n", "other.toml")
    assert house.load(environ={"PLANTAIN_CONFIG": str(other)}).limits.daily_images == 2
    assert house.load(environ={"PLANTAIN_CONFIG": " "}).limits.daily_images == 1  # as compose hands it over
    house.write("PLANTAIN_CONFIG=other.toml\n", ".env")
    assert house.load().limits.daily_images == 2
    named = house.write("[limits]\ndaily_images = 3\n", "named.toml")
    assert load_settings(named, environ={}, directory=house.folder).limits.daily_images == 3
    (fault,) = house.faults(environ={"PLANTAIN_CONFIG": "nowhere.toml"}).values()
    assert "does not exist" in fault.problem


def test_settings_built_by_hand_read_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", TOKEN)
    monkeypatch.setenv("LIMITS", '{"daily_images": 7}')
    assert Settings().discord_token is None
    assert Settings().limits.daily_images == 20


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError):
        Settings().limits.daily_images = 5  # type: ignore[misc]  # mypy sees it too


def test_a_home_folder_is_expanded(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/anna")
    monkeypatch.setenv("USERPROFILE", "/home/anna")
    settings = house.load('[storage]\npath = "~/plantain"\n')
    assert settings.storage.path == Path("/home/anna/plantain")


# --- secrets ----------------------------------------------------------------------------------------------


def test_secrets_come_from_the_environment_and_from_dotenv(house: House) -> None:
    house.write(f"DISCORD_TOKEN='{TOKEN}'\nexport GEMINI_API_KEY=other\n", ".env")
    settings = house.load(
        environ={"GEMINI_API_KEY": f" {KEY}\n", "DISCORD_TOKEN": ""}, require={"discord", "gemini"}
    )
    assert settings.discord_token is not None and settings.discord_token.get_secret_value() == TOKEN
    assert settings.gemini_api_key is not None and settings.gemini_api_key.get_secret_value() == KEY


def test_every_secret_that_is_needed_is_asked_for(house: House) -> None:
    assert set(house.faults(require={"discord"})) == {"DISCORD_TOKEN"}
    assert set(house.faults(require={"discord", "gemini"})) == {"DISCORD_TOKEN", "GEMINI_API_KEY"}


def test_vertex_needs_a_project_and_no_key(house: House) -> None:
    faults = house.faults("[gemini]\nvertex = true\n", require={"gemini"})
    assert set(faults) == {"gemini.project"}
    settings = house.load('[gemini]\nvertex = true\nproject = "p"\n', require={"gemini"})
    assert settings.gemini.vertex and settings.gemini_api_key is None


@pytest.mark.parametrize("value", ["Bot abc.def.ghi", '"abc.def"', "abc\ndef", "tök"])
def test_a_secret_copied_badly_is_noticed(house: House, value: str) -> None:
    faults = house.faults(environ={"DISCORD_TOKEN": value})
    assert set(faults) == {"DISCORD_TOKEN"}
    assert value not in str(faults["DISCORD_TOKEN"])


def test_no_secret_is_printed(house: House) -> None:
    database = "postgresql://bot:p4ssw0rd@db/plantain"
    environ = {"DISCORD_TOKEN": TOKEN, "GEMINI_API_KEY": KEY, "PLANTAIN_STORAGE__URL": database}
    settings = house.load(environ=environ)
    for text in (repr(settings), str(settings), repr(settings.storage)):
        assert not any(shows(text, secret) for secret in (TOKEN, KEY, "p4ssw0rd"))
    assert settings.secrets() == (TOKEN, KEY, "p4ssw0rd", "p4ssw0rd")

    # Each in the place of another setting, of which the value would be shown.
    wrong = {
        "PLANTAIN_LOG__LEVEL": KEY,
        "PLANTAIN_LIMITS__TIMEZONE": TOKEN,
        "PLANTAIN_LIMITS__DAILY_IMAGES": TOKEN,
        "PLANTAIN_SERVER__PORT": f'"{TOKEN}"',
        "PLANTAIN_DISCORD__GUILD_IDS": f'["{TOKEN}"]',
        "PLANTAIN_GEMINI__CATALOGUE": KEY,
        f"PLANTAIN_{TOKEN}": "x",
        "PLANTAIN_STORAGE__URL": "mysql://bot:p4ssw0rd@db/plantain",
        "PLANTAIN_DISCORD__PROXY": "http://bot:p4ssw0rd@proxy:1",
        "PLANTAIN_GEMINI__BASE_URL": "http://bot:p4ssw0rd@host/",
    }
    with pytest.raises(ConfigurationError) as caught:
        house.load(f'[discord]\ntoken = "{TOKEN}"\n', {**environ, **wrong})
    assert len(caught.value.faults) == len(wrong) + 1
    for text in (str(caught.value), repr(caught.value), repr(caught.value.faults)):
        assert not any(shows(text, secret) for secret in (TOKEN, KEY, "p4ssw0rd"))


def test_a_secret_in_the_file_is_sent_to_its_place(house: House) -> None:
    faults = house.faults(f'discord_token = "{TOKEN}"\n[gemini]\napi_key = "{KEY}"\n')
    assert set(faults) == {"discord_token", "gemini.api_key"}
    assert all("DISCORD_TOKEN and GEMINI_API_KEY" in fault.remedy for fault in faults.values())
