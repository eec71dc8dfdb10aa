"""Settings: that every fault is named at once, with its key, what is wrong and what to write."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.__main__ import main
from bot.config import load_settings
from bot.errors import ConfigurationError
from tests.house.working_directory import House


def test_all_faults_are_reported_at_once(house: House) -> None:
    house.write("PLANTAIN_SANDBOX__PROT=1\nthis line has no sign\n", ".env")
    faults = house.faults(
        """
        colour = "green"
        [limits]
        daily_image = 3
        timezone = "Europe/Berln"
        max_concurrent = "64"
        [server]
        port = 70000
        [gemini]
        vertex = true
        """,
        {"PLANTAIN_LOG__LEVEL": "LOUD", "PLANTAIN_DISCORD__GUILD_IDS": "1,2", "PLANTAIN_PORT": "1"},
        require={"discord", "gemini"},
    )
    assert set(faults) == {
        "colour",
        "limits.daily_image",
        "limits.timezone",
        "limits.max_concurrent",
        "server.port",
        "gemini.project",
        "PLANTAIN_LOG__LEVEL",
        "PLANTAIN_DISCORD__GUILD_IDS",
        "PLANTAIN_PORT",
        "PLANTAIN_SANDBOX__PROT",
        str(house.folder / ".env"),
        "DISCORD_TOKEN",
    }
    assert "line 2 " in faults[str(house.folder / ".env")].problem
    assert "no sign" not in str(faults)
    assert all(fault.problem and fault.remedy for fault in faults.values())


@pytest.mark.parametrize(
    ("toml", "key", "meant"),
    [
        ("[limits]\ndaily_image = 1", "limits.daily_image", "limits.daily_images"),
        ("[limit]\ndaily_images = 1", "limit", "[limits]"),
        ("daily_images = 1", "daily_images", "limits.daily_images"),
        ("[discord]\ndaily_images = 1", "discord.daily_images", "limits.daily_images"),
    ],
)
def test_an_unknown_key_is_told_which_one_was_meant(house: House, toml: str, key: str, meant: str) -> None:
    faults = house.faults(toml)
    assert set(faults) == {key}
    assert faults[key].remedy == f"Did you mean {meant}?"


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("PLANTAIN_LIMITS_DAILY_IMAGES", "PLANTAIN_LIMITS__DAILY_IMAGES"),
        ("plantain_limits__daily_images", "PLANTAIN_LIMITS__DAILY_IMAGES"),
        ("PLANTAIN_SERVER__PROT", "PLANTAIN_SERVER__PORT"),
    ],
)
def test_an_unknown_variable_is_told_which_one_was_meant(house: House, name: str, meant: str) -> None:
    faults = house.faults(environ={name: "1"})
    assert set(faults) == {name}
    assert faults[name].remedy == f"Did you mean {meant}?"


@pytest.mark.parametrize(
    ("setting", "value", "problem"),
    [
        ("discord.proxy", '"proxy:8080"', "http://host:port"),
        ("discord.proxy", '"https://proxy:8080"', "http://host:port"),
        ("discord.proxy", '"http://proxy"', "http://host:port"),
        ("discord.proxy", '"http://proxy:99999"', "not a URL"),
        ("discord.proxy", '"http://proxy:1/path"', "more than host and port"),
        ("discord.proxy", "1", "a whole number, not text"),
        ("discord.guild_ids", "1", "a whole number, not a list"),
        ("discord.guild_ids", '["1"]', "item 1 is text, not a whole number"),
        ("discord.guild_ids", "[5, -1]", "item 2 is too small: -1"),
        ("discord.message_content", "1", "a whole number, not true or false"),
        ("discord.message_content", '"yes"', "text, not true or false"),
        ("gemini.base_url", '"ftp://host"', "https://host"),
        ("gemini.base_url", '"https://"', "https://host"),
        ("gemini.base_url", '"https://host/?key=1"', "query"),
        ("gemini.base_url", '"https://host/v1beta/"', "API version"),
        ("gemini.base_url", '"http://[::1"', "not a URL"),
        ("gemini.default_model", '""', "empty"),
        ("gemini.location", '""', "empty"),
        ("gemini.timeout_seconds", "0", "too small: 0"),
        ("gemini.timeout_seconds", "inf", "inf, not a number that ends"),
        ("gemini.timeout_seconds", "nan", "nan, not a number that ends"),
        ("gemini.retry_seconds", '"30"', "text, not a number"),
        ("gemini.catalogue", '"missing.toml"', "names no file"),
        ("gemini.catalogue", "1979-05-27", "a date or time, not text"),
        ("storage.url", '"sqlite:///x"', "postgresql://"),
        ("storage.path", '""', "empty"),
        ("storage.path", '"a\\u0000b"', "NUL"),
        ("server.public_url", '"pictures.example.org"', "https://host"),
        ("server.public_url", '"https://a:b@host"', "user name"),
        ("server.public_url", '"https://host/(x)"', "does not belong into a link"),
        ("limits.daily_images", "-1", "too small: -1"),
        ("limits.daily_images", "true", "true or false, not a whole number"),
        ("limits.daily_images", "2.5", "a number with a fraction, not a whole number"),
        ("limits.daily_images", "0x" + "f" * 5000, "too large: thousands of digits"),
        ("limits.daily_images", "{ a = 1 }", "a table, not a whole number"),
        ("limits.timezone", '"Europe/Berln"', "did you mean Europe/Berlin?"),
        ("limits.timezone", '"../UTC"', "no time zone"),
        ("limits.timezone", '"Europe"', "no time zone"),
        ("limits.timezone", '""', "no time zone"),
        ("limits.max_concurrent", "0", "too small: 0"),
        ("limits.max_per_member", "0", "too small: 0"),
        ("limits.max_prompt", "0", "too small: 0"),
        ("server.host", '""', "empty"),
        ("server.port", "65536", "too large: 65536"),
        ("log.level", '"loud"', "none of the possible values"),
        ("log.format", '"xml"', "none of the possible values"),
        ("sandbox.latency_seconds", "-0.5", "too small: -0.5"),
    ],
)
def test_what_a_setting_cannot_be(house: House, setting: str, value: str, problem: str) -> None:
    section, _, key = setting.partition(".")
    faults = house.faults(f"[{section}]\n{key} = {value}\n")
    assert set(faults) == {setting}
    assert problem in faults[setting].problem
    assert faults[setting].remedy.startswith("Write ")


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("PLANTAIN_LIMITS__DAILY_IMAGES", "", "text, not a whole number"),
        ("PLANTAIN_LIMITS__DAILY_IMAGES", "many", "text, not a whole number"),
        ("PLANTAIN_LIMITS__DAILY_IMAGES", "true", "true or false, not a whole number"),
        ("PLANTAIN_LIMITS__DAILY_IMAGES", "null", "null, not a whole number"),
        ("PLANTAIN_GEMINI__TIMEOUT_SECONDS", "Infinity", "not a number that ends"),
        ("PLANTAIN_DISCORD__GUILD_IDS", "123", "a whole number, not a list"),
        ("PLANTAIN_DISCORD__GUILD_IDS", "[" * 100_000, "text, not a list"),
        ("PLANTAIN_DISCORD__MESSAGE_CONTENT", "perhaps", "text, not true or false"),
    ],
)
def test_what_a_variable_cannot_be(house: House, name: str, value: str, problem: str) -> None:
    faults = house.faults(environ={name: value})
    assert set(faults) == {name}
    assert problem in faults[name].problem


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"[limits]\ndaily_images = \n", "line 2"),
        (b"[limits]\n[limits]\n", "line 2"),
        (b"not toml", "line 1"),
        (b"\xff\xfe[\x00", "UTF-8"),
        (b"a = " + b"[" * 100_000, "not valid TOML"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(house: House, content: bytes, problem: str) -> None:
    path = house.folder / "config.toml"
    path.write_bytes(content)
    faults = house.faults(environ={"PLANTAIN_LOG__LEVEL": "LOUD"})
    assert set(faults) == {str(path), "PLANTAIN_LOG__LEVEL"}
    assert problem in faults[str(path)].problem


def test_a_section_must_be_a_table(house: House) -> None:
    assert "not a table" in house.faults("limits = 5\n")["limits"].problem


def test_a_file_that_is_named_must_exist(tmp_path: Path) -> None:
    missing = tmp_path / "missing.toml"
    with pytest.raises(ConfigurationError, match="does not exist"):
        load_settings(missing, environ={}, directory=tmp_path)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_settings(tmp_path, environ={}, directory=tmp_path)


def test_a_dotenv_that_cannot_be_read_is_named(house: House) -> None:
    (house.folder / ".env").mkdir()
    assert "cannot be read" in house.faults()[str(house.folder / ".env")].problem


def test_a_folder_for_data_is_no_file(house: House) -> None:
    file = house.write("x", "file")
    faults = house.faults(environ={"PLANTAIN_STORAGE__PATH": str(file)})
    assert "not a folder" in faults["PLANTAIN_STORAGE__PATH"].problem


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "ALL_PROXY"])
@pytest.mark.parametrize(
    "value", ["http://proxy:abc", "http://proxy:99999", "http://", "socks5://proxy:1080", "http://[::1"]
)
def test_a_proxy_of_the_environment_that_is_none_is_named(house: House, name: str, value: str) -> None:
    faults = house.faults(environ={name: value})
    assert faults[name].problem == "is no address of a proxy"
    assert "http://host:port" in faults[name].remedy


@pytest.mark.parametrize(
    "value", ["", "http://proxy:3128", "proxy:3128", "http://user:pw@proxy", "https://p:1"]
)
def test_a_proxy_of_the_environment_is_left_alone(house: House, value: str) -> None:
    house.load(environ={"HTTPS_PROXY": value, "NO_PROXY": "localhost,.example"})


def test_certificates_of_the_environment_have_to_be_there(house: House) -> None:
    for file in (house.folder / "nowhere", house.folder, house.write("no certificate", "file")):
        assert (
            "no file with certificates"
            in house.faults(environ={"SSL_CERT_FILE": str(file)})["SSL_CERT_FILE"].problem
        )
    house.load(environ={"SSL_CERT_FILE": ""})


def test_a_broken_environment_ends_a_start_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], house: House
) -> None:
    monkeypatch.chdir(house.folder)
    monkeypatch.setenv("HTTPS_PROXY", "http://name:shy-1@proxy:abc")
    for command in ("run", "migrate", "doctor"):
        assert main([command]) == 2
    said = capsys.readouterr()
    assert "HTTPS_PROXY is no address of a proxy" in said.out
    assert "HTTPS_PROXY: is no address of a proxy" in said.err
    assert "shy-1" not in said.out + said.err
