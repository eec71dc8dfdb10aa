"""From an attachment on Discord to a kept picture, through all real parts."""

from __future__ import annotations

import asyncio
import hashlib
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.domain.images import MAX_INPUT_BYTES, IntakeNote, Prepared, Sender
from bot.domain.requests import Kind, Options, Reference, Request, Source
from bot.errors import InputProblem, InputRefused, NotAllowed
from bot.fetching import Downloads
from bot.imaging import Imaging
from bot.studio.intake import Intake, check_claims
from storage import Blobs
from tests.fakes.discord import FakeDiscord, Upload
from tests.imaging.contents import is_only_a_picture
from tests.imaging.pictures import decode, encode, flat_png, noise
from tests.imaging.sent import SECRET, with_everything

ANNA, BERT = Sender(1, 2), Sender(1, 3)


class Withheld:
    """Knows files that may not be sent, and by whom they were asked about."""

    def __init__(self) -> None:
        self.digests: set[str] = set()
        self.asked: list[Sender] = []

    async def check(self, sha256: str, sender: Sender) -> None:
        self.asked.append(sender)
        if sha256 in self.digests:
            raise NotAllowed("withheld")


@dataclass(frozen=True, slots=True)
class Stage:
    """An intake with all that is behind it, and what a member can attach."""

    discord: FakeDiscord
    intake: Intake
    withheld: Withheld
    blobs: Blobs
    folder: Path

    async def attach(self, name: str, data: bytes, **claims: int) -> Source:
        """Let a member send a file; return what Discord says about it."""
        anna = self.discord.add_member("anna")
        upload = Upload(name, data, "image/png", **claims)
        message = await self.discord.send_message(anna, self.discord.channel, "", attachments=[upload])
        (sent,) = message.attachments
        return Source(sent.url, sent.filename, sent.size, sent.content_type)

    def files(self) -> list[Path]:
        """Every file that there is on the disk."""
        return [path for path in self.folder.rglob("*") if path.is_file()]


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    folder = tmp_path / "data"
    async with AsyncExitStack() as stack:
        discord = await stack.enter_async_context(FakeDiscord())
        trust = ssl.create_default_context(cafile=str(discord.ca_file))
        downloads = await stack.enter_async_context(
            Downloads(folder / "incoming", proxy=discord.proxy_url, trust=trust)
        )
        imaging = await stack.enter_async_context(Imaging())
        blobs = await stack.enter_async_context(Blobs.open(folder))
        withheld = Withheld()
        yield Stage(discord, Intake(downloads, imaging, blobs, withheld), withheld, blobs, folder)
        assert discord.leaks == []


@pytest.mark.parametrize("name", ["jpeg", "heic", "png with transparency", "tiff with pages"])
async def test_only_what_was_made_anew_is_kept(stage: Stage, name: str) -> None:
    taken = await stage.intake.take(await stage.attach("photo.png", with_everything()[name]), ANNA)
    (kept,) = stage.files()
    assert kept == stage.blobs.path(taken.sha256)
    data = kept.read_bytes()
    assert is_only_a_picture(data)
    assert SECRET.encode() not in data
    assert len(data) == taken.size
    assert decode(data).size == (taken.width, taken.height) == (120, 80)
    assert taken.reference == Reference(taken.sha256, taken.mime, taken.size)
    assert (IntakeNote.FIRST_PAGE in taken.notes) == ("pages" in name)


async def test_the_same_picture_twice_is_one(stage: Stage) -> None:
    data = encode(noise(90, 70), "PNG")
    sources = [await stage.attach(name, data) for name in ("a.png", "b.png")]
    one, other = await asyncio.gather(*(stage.intake.take(source, ANNA) for source in sources))
    assert one == other
    assert len(stage.files()) == 1


class Counting(Imaging):
    """Counts how many pictures are made anew at once, at the most."""

    inside = most = 0

    async def take_in(self, path: Path, *, longest_side: int = 2048) -> Prepared:
        self.inside += 1
        self.most = max(self.most, self.inside)
        try:
            return await super().take_in(path, longest_side=longest_side)
        finally:
            self.inside -= 1


class Together(Withheld):
    """Lets pictures go on as soon as two are there."""

    def __init__(self) -> None:
        super().__init__()
        self._both = asyncio.Barrier(2)

    async def check(self, sha256: str, sender: Sender) -> None:
        await self._both.wait()


@pytest.mark.parametrize(("other", "most"), [(ANNA, 1), (BERT, 2)])
async def test_one_of_a_members_pictures_is_made_anew_at_a_time(
    stage: Stage, other: Sender, most: int
) -> None:
    source = await stage.attach("photo.png", encode(noise(90, 70), "PNG"))
    async with Counting() as imaging:
        intake = Intake(stage.intake._downloads, imaging, stage.blobs, Together())
        await asyncio.gather(intake.take(source, ANNA), intake.take(source, other))
        assert imaging.most == most


async def test_a_picture_is_as_large_as_is_useful(stage: Stage) -> None:
    source = await stage.attach("photo.png", encode(noise(900, 700), "PNG"))
    taken = await stage.intake.take(source, ANNA, longest_side=300)
    assert (taken.width, taken.height, taken.notes) == (300, 233, (IntakeNote.SCALED_DOWN,))


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"not a picture", InputProblem.NOT_A_PICTURE),
        (b"", InputProblem.NOT_A_PICTURE),
        (encode(noise(90, 70), "JPEG")[:-500], InputProblem.NOT_A_PICTURE),
        (b"%PDF-1.7", InputProblem.KIND_NOT_TAKEN),
        (flat_png(30_000, 30_000), InputProblem.TOO_MANY_PIXELS),
        (bytes(MAX_INPUT_BYTES + 1), InputProblem.TOO_MANY_BYTES),
    ],
)
async def test_what_cannot_be_used_is_named_and_leaves_nothing(
    stage: Stage, data: bytes, problem: InputProblem
) -> None:
    source = await stage.attach("cat.png", data, size=1_000)
    with pytest.raises(InputRefused) as caught:
        await stage.intake.take(source, ANNA)
    assert caught.value.problem is problem
    assert caught.value.values["name"] == "cat.png"
    assert stage.files() == []


async def test_what_is_too_large_by_its_own_account_is_not_asked_for(stage: Stage) -> None:
    source = await stage.attach("film.gif", b"", size=200_000_000)
    for _ in range(2):
        with pytest.raises(InputRefused) as caught:
            await stage.intake.take(source, ANNA)
        assert caught.value.problem is InputProblem.TOO_MANY_BYTES
    with pytest.raises(InputRefused):
        check_claims(source)
    assert stage.discord.requests == []


async def test_an_address_out_of_date_and_one_of_elsewhere(stage: Stage) -> None:
    source = await stage.attach("cat.png", encode(noise(9, 9), "PNG"))
    for url, problem in (
        (source.url.replace("hm=", "hm=0"), InputProblem.EXPIRED),
        ("https://example.com/cat.png", InputProblem.WRONG_HOST),
    ):
        with pytest.raises(InputRefused) as caught:
            await stage.intake.take(Source(url, source.filename, source.size, source.content_type), ANNA)
        assert (caught.value.problem, caught.value.values) == (problem, {"name": "cat.png"})


async def test_attachments_follow_the_requests_own_pictures_in_their_order(stage: Stage) -> None:
    own = Reference("a" * 64, "image/jpeg", 10)
    request = Request(Kind.EDIT, "brighter", Options("model"), references=(own,))
    sizes = [(90, 70), (50, 80), (300, 200)]
    sources = [await stage.attach("a.png", encode(noise(*size), "PNG")) for size in sizes]
    complete = await stage.intake.complete(request, sources, ANNA)
    assert complete.references[0] == own
    found = [decode(stage.blobs.path(item.sha256).read_bytes()).size for item in complete.references[1:]]
    assert found == sizes
    assert complete.evolve(references=(own,)) == request


async def test_nothing_is_fetched_when_one_is_too_large_by_its_own_account(stage: Stage) -> None:
    request = Request(Kind.EDIT, "brighter", Options("model"))
    good = await stage.attach("a.png", encode(noise(90, 70), "PNG"))
    large = await stage.attach("b.png", b"", size=200_000_000)
    with pytest.raises(InputRefused) as caught:
        await stage.intake.complete(request, [good, large], ANNA)
    assert caught.value.values["name"] == "b.png"
    assert stage.discord.requests == []


async def test_a_withheld_picture_is_known_by_the_file_as_it_was_posted(stage: Stage) -> None:
    data = encode(noise(90, 70), "PNG")
    request = Request(Kind.EDIT, "brighter", Options("model"))
    source = await stage.attach("a.png", data)
    stage.withheld.digests.add(hashlib.sha256(data).hexdigest())
    for sending in (stage.intake.take(source, ANNA), stage.intake.complete(request, [source], ANNA)):
        with pytest.raises(NotAllowed, match="withheld"):
            await sending
    assert (stage.files(), stage.withheld.asked) == ([], [ANNA, ANNA])
