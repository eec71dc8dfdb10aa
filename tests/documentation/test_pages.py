"""The pages hold together: links, pictures, the site itself, and the README that leads to them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import discord
import pytest

from bot.doctor.discord_side import INVITED
from tests.documentation.pages import DOCS, ROOT, anchors, links, pages, prose

ELSEWHERE = re.compile(r"[a-z]+:")
# What a browser fetches by itself when it shows a page.
LOADED = re.compile(r"<(?:script|img|iframe|source)\b[^>]*\bsrc=\"([^\"]+)\"|<link\b[^>]*\bhref=\"([^\"]+)\"")
LOADED_BY_STYLE = re.compile(r"url\(\s*[\"']?(https?:|//)|@import\s+[\"'](https?:|//)")


@pytest.mark.parametrize("path", [*pages(), ROOT / "README.md"], ids=lambda path: path.name)
def test_links_and_pictures_lead_somewhere(path: Path) -> None:
    wrong = []
    for link in links(prose(path)):
        target, _, anchor = link.partition("#")
        if ELSEWHERE.match(link):
            continue
        found = (path.parent / target).resolve() if target else path
        if not found.exists() or (anchor and anchor not in anchors(found)):
            wrong.append(link)
    assert wrong == []


@pytest.mark.parametrize("path", [ROOT / "README.md", DOCS / "setup.md"], ids=lambda path: path.name)
def test_the_invitation_asks_for_what_doctor_looks_for(path: Path) -> None:
    found = re.findall(r"permissions=(\d+)", path.read_text(encoding="utf-8"))
    assert found == [str(INVITED.value)]


def test_managers_read_which_permissions_the_invitation_asks_for() -> None:
    section = prose(DOCS / "managers.md").partition("## Permissions of the bot")[2]
    listed = re.split(r", | and ", section.strip().partition(".")[0])
    names = {name.lower().replace(" ", "_") for name in listed}
    assert discord.Permissions(**dict.fromkeys(names, True)) == INVITED


@pytest.mark.parametrize("path", [*pages(), ROOT / "README.md"], ids=lambda path: path.name)
def test_compose_is_told_where_its_file_is(path: Path) -> None:
    """It lies in `deploy/`, and commands are typed in the checkout."""
    found = re.findall(r"docker compose [^\n`]*", path.read_text(encoding="utf-8"))
    assert [line for line in found if not line.startswith("docker compose --file deploy/compose.yaml ")] == []


def test_no_picture_is_left_over() -> None:
    shown = {
        (path.parent / link).resolve()
        for path in [*pages(), ROOT / "README.md"]
        for link in links(prose(path))
    }
    assert [path.name for path in sorted((DOCS / "images").iterdir()) if path.resolve() not in shown] == []


def test_every_picture_has_words_for_whoever_does_not_see_it() -> None:
    assert [path.name for path in pages() if re.search(r"!\[\s*\]\(", prose(path))] == []


def test_the_site_builds_strictly_and_loads_nothing_from_elsewhere(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path)]
    built = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    sites = list(tmp_path.rglob("*.html"))
    assert len(sites) >= len(pages())
    wrong = []
    for site in sites:
        for script, sheet in LOADED.findall(site.read_text(encoding="utf-8")):
            if re.match(r"https?:|//", script or sheet):
                wrong.append(f"{site.name}: {script or sheet}")
    wrong += [
        style.name
        for style in tmp_path.rglob("*.css")
        if LOADED_BY_STYLE.search(style.read_text(encoding="utf-8"))
    ]
    assert wrong == []
