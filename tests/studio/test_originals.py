"""Links to originals: whom they let in, to what, and until when."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.domain.images import Image
from bot.domain.links import Claim
from bot.errors import Gone
from bot.studio.originals import LINK_SECONDS, Originals
from bot.studio.pictures import Person
from tests.fakes.provider import jpeg, pictures
from tests.studio.world import GUILD, MEMBER, Process, World, make_origin, make_request

URL = "https://pictures.example.org"
OWNER = Person(MEMBER, GUILD, 1, moderator=False)


async def made(world: World, process: Process, **changes: bool) -> Image:
    world.provider.enqueue(pictures(jpeg(3)))
    ticket = await process.submissions.submit(make_request("a boat", **changes), make_origin())
    await world.until_idle()
    (image,) = await world.images(ticket.job.id)
    return image


def read(originals: Originals, image: Image, viewer: int) -> tuple[Claim, str]:
    """A link as the web server reads it."""
    link = originals.link(image, viewer)
    assert link is not None and link.url.startswith(f"{URL}/originals/{image.id}?")
    query = {name: values[0] for name, values in parse_qs(urlsplit(link.url).query).items()}
    assert int(query["until"]) == link.until
    return Claim(image.id, int(query["for"]), link.until), query["signature"]


async def test_a_link_leads_to_the_bytes_until_it_ends(world: World) -> None:
    async with world.running(public_url=URL) as process:
        originals = process.studio.originals
        image = await made(world, process)
        claim, signature = read(originals, image, 5)
        found = await originals.open(claim, signature)
        assert (found.image, found.path.read_bytes()) == (image, jpeg(3))
        world.clock.pass_by(LINK_SECONDS - 1)
        await originals.open(claim, signature)
        world.clock.pass_by(1)
        with pytest.raises(Gone):
            await originals.open(claim, signature)


async def test_whoever_changes_anything_about_a_link_has_none(world: World) -> None:
    async with world.running(public_url=URL) as process:
        originals = process.studio.originals
        image, other = await made(world, process), await made(world, process)
        claim, signature = read(originals, image, 5)
        changed = [
            (replace(claim, image_id=other.id), signature),
            (replace(claim, viewer=6), signature),
            (replace(claim, until=claim.until + 1), signature),
            (claim, signature[:-1] + ("0" if signature[-1] != "0" else "1")),
            (claim, signature.upper()),
            (claim, ""),
            (claim, "ä" * 64),
            (Claim("2222222", 5, claim.until), signature),
            (claim, claim.signature(b"another key")),
        ]
        for tampered, proof in changed:
            with pytest.raises(Gone):
                await originals.open(tampered, proof)


async def test_what_was_deleted_is_gone_and_what_is_private_is_its_owners(world: World) -> None:
    async with world.running(public_url=URL) as process:
        originals = process.studio.originals
        secret = await made(world, process, private=True)
        assert await originals.open(*read(originals, secret, MEMBER))
        with pytest.raises(Gone):
            await originals.open(*read(originals, secret, 5))
        given = read(originals, secret, MEMBER)
        await process.pictures.delete(secret.id, OWNER)
        with pytest.raises(Gone):
            await originals.open(*given)
        image = await made(world, process)
        given = read(originals, image, MEMBER)
        world.blobs.path(image.sha256).unlink()
        with pytest.raises(Gone):
            await originals.open(*given)


async def test_without_an_address_there_are_no_links_and_none_is_opened(world: World) -> None:
    async with world.running(public_url=URL) as process:
        image = await made(world, process)
        given = read(process.studio.originals, image, MEMBER)
    async with world.running() as process:
        assert process.studio.originals.link(image, MEMBER) is None
        with pytest.raises(Gone):
            await process.studio.originals.open(*given)
