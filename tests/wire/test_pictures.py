"""Pictures on their way to the provider: which, in which order, which bytes, and nothing but pixels in them.

What members send is full of what cameras and programs write (`tests.imaging.sent`). What has to reach the
provider is exactly what our intake makes of it.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from typing import Any

from PIL import Image

from bot.imaging.intake import take_in
from tests.fakes.discord import FakeDiscord, Member, Message, Pending, Upload, buttons, media, text
from tests.fakes.gemini import Picture, Received, ScriptedGemini, make_jpeg, words
from tests.imaging.contents import is_only_a_picture
from tests.imaging.pictures import corner_colours, corners, decode, encode, noise
from tests.imaging.sent import SECRET, SRGB, XMP, exif, heic, with_everything
from tests.wire.plantain import Plantain, only_button, result

PRO = "gemini-3-pro-image"
LONGEST_SIDE = 2048


def photograph(seed: int, *, orientation: int = 1, size: tuple[int, int] = (120, 80)) -> bytes:
    """A JPEG as a telephone writes it: place, serial number, thumbnail, XMP, colour profile, comment."""
    return encode(
        noise(*size, seed),
        "JPEG",
        quality=92,
        exif=exif(orientation),
        xmp=XMP,
        icc_profile=SRGB,
        comment=SECRET.encode(),
    )


def transparent(seed: int) -> bytes:
    return encode(noise(90, 90, seed, "RGBA"), "PNG", exif=exif(), icc_profile=SRGB)


def pictures(got: Received) -> list[tuple[str, bytes]]:
    """The pictures of a request in their order: type and bytes. They all stand before the texts."""
    kinds = ["inlineData" in part for part in got.parts]
    assert kinds == sorted(kinds, reverse=True)
    inline = [part["inlineData"] for part in got.parts if "inlineData" in part]
    return [(item["mimeType"], base64.b64decode(item["data"])) for item in inline]


def prepared(*sent: bytes) -> list[tuple[str, bytes]]:
    """What our intake makes of files."""
    made = [take_in(data, LONGEST_SIDE) for data in sent]
    return [(item.mime, item.data) for item in made]


def assert_bare(got: Received) -> None:
    """Nothing that somebody's file said beside its pixels is in what the provider gets."""
    for mime, data in pictures(got):
        if mime != "image/jpeg" or b"Plantain" not in data:
            assert is_only_a_picture(data)
        assert SECRET.encode() not in data
        assert SECRET.encode("utf-16-le") not in data
        found = decode(data)
        assert not dict(found.getexif())
        assert not {"exif", "xmp", "icc_profile", "comment"} & found.info.keys()


async def edited(discord: FakeDiscord, member: Member, message: Message, **values: Any) -> Message:
    """Press Edit, fill the form, and wait for the picture."""
    form = await discord.click(member, message, "Edit")
    return await result(await discord.submit_modal(member, form, values))


async def test_commands_send_pictures_in_the_order_of_their_options(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    await plantain.start()
    anna = discord.add_member("anna")
    phone = photograph(1)
    turned = photograph(2, orientation=6, size=(200, 100))
    cut_out = transparent(3)
    apple = heic(noise(64, 64, 4), exif=exif(), xmp=XMP)
    others = [photograph(number) for number in (5, 6)]

    async def use(command: str, wanted: Sequence[bytes], **options: Any) -> Received:
        await result(await discord.slash(anna, discord.channel, command, **options))
        got = gemini.history[-1]
        assert pictures(got) == prepared(*wanted)
        assert_bare(got)
        return got

    got = await use(
        "edit", [turned, cut_out, apple], image=turned, image2=cut_out, image3=apple, instruction="a hat"
    )
    assert [mime for mime, _ in pictures(got)] == ["image/jpeg", "image/png", "image/jpeg"]
    assert decode(pictures(got)[0][1]).size == (100, 200)  # upright
    assert got.text == "a hat"
    got = await use(
        "blend",
        [phone, *others, cut_out, turned],
        image1=phone,
        image2=others[0],
        image3=others[1],
        image4=cut_out,
        image5=turned,
        instruction="on one table",
    )
    assert got.text == "on one table"
    # Options may come in any order: their names decide.
    got = await use(
        "imagine", [phone, cut_out, turned], image3=turned, image1=phone, image2=cut_out, prompt="a party"
    )
    assert got.text == "a party"
    gemini.enqueue(words("A party."))
    await (await discord.slash(anna, discord.channel, "describe", image=turned)).until(
        lambda state: "A party." in text(state)
    )
    got = gemini.history[-1]
    assert pictures(got) == prepared(turned)
    assert_bare(got)
    assert got.body["generationConfig"] == {"responseModalities": ["TEXT"]}
    await plantain.quiet()
    assert [job.settled for job in plantain.records.jobs()] == [1, 1, 1, 0]


async def test_no_kind_of_file_brings_its_metadata_along(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    await plantain.start()
    anna = discord.add_member("anna")
    for number, (name, data) in enumerate(with_everything().items(), 1):
        upload = Upload(f"{name.replace(chr(32), chr(95))}.jpg", data, content_type="image/jpeg")
        await discord.slash(anna, discord.channel, "edit", image=upload, instruction=name)
        got = (await gemini.received(number))[-1]
        assert got.text == name
        assert pictures(got) == prepared(data), name
        assert_bare(got)
        expected = "image/png" if "transparency" in name or "unknown chunks" in name else "image/jpeg"
        assert pictures(got)[0][0] == expected, name
    await plantain.quiet()


async def test_a_large_photograph_comes_smaller_and_upright_and_it_is_said(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    await plantain.start()
    anna = discord.add_member("anna")
    photo = encode(corners(4000, 3000), "JPEG", exif=exif(orientation=6))
    message = await result(
        await discord.slash(anna, discord.channel, "edit", image=photo, instruction="a hat")
    )
    ((mime, data),) = pictures(gemini.history[-1])
    assert mime == "image/jpeg"
    seen = decode(data)
    assert seen.size == (1536, 2048)
    assert corner_colours(seen) == ["blue", "red", "lime", "white"]
    assert "scaled down" in text(message)


async def test_edits_chain_from_the_originals_and_each_names_its_parent(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    first, second, third = (make_jpeg(96 + number, 64, seed=number) for number in range(3))
    gemini.enqueue(Picture(first), Picture(second), Picture(third))
    await plantain.start()
    anna, bert = discord.add_member("anna"), discord.add_member("bert")
    made = await result(await discord.slash(anna, discord.channel, "imagine", prompt="a boat"))
    extra = photograph(7)
    once = await edited(
        discord, bert, made, instruction="make it *night*", extra=Upload("x.jpg", extra), model=PRO, size="2K"
    )
    got = gemini.history[-1]
    # Our own picture goes as the provider made it, to the byte; what somebody brings is made anew.
    assert pictures(got) == [("image/jpeg", first), *prepared(extra)]
    assert (got.model, got.text) == (PRO, "make it *night*")
    assert got.body["generationConfig"]["imageConfig"] == {"imageSize": "2K"}
    twice = await edited(discord, anna, once, instruction="and a moon")
    assert pictures(gemini.history[-1]) == [("image/jpeg", second)]
    await plantain.quiet()
    jobs = plantain.records.jobs()
    ids = [job.images[0]["id"] for job in jobs]
    assert [job.images[0]["parent"] for job in jobs] == [None, ids[0], ids[1]]
    for message, parent_id, parent in ((once, ids[0], made), (twice, ids[1], once)):
        address = f"https://discord.com/channels/{discord.guild.id}/{discord.channel.id}/{parent.id}"
        assert f"An edit of [`{parent_id}`]({address}) for" in text(message)

    # Another take of an edit has the same pictures, the final version has the picture itself.
    await result(await discord.click(bert, once, "Vary"))
    got = gemini.history[-1]
    assert pictures(got) == [("image/jpeg", first), *prepared(extra)]
    assert got.texts == ["Make another take, number 2, of the following.", "make it *night*"]
    question = await (await discord.click(anna, twice, "Finish")).until(lambda state: state.ephemeral)
    (best,) = [button for button in buttons(question) if str(button.custom_id).endswith(f":4K:{PRO}")]
    await result(await discord.press(anna, question, str(best.custom_id)))
    got = gemini.history[-1]
    assert pictures(got) == [("image/jpeg", third)]
    assert (got.model, got.text) == (PRO, "and a moon")
    assert got.body["generationConfig"]["imageConfig"]["imageSize"] == "4K"


async def test_the_menu_takes_what_a_message_shows(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    own = make_jpeg(96, 64, seed=5)
    gemini.enqueue(Picture(own))
    await plantain.start()
    anna, bert = discord.add_member("anna"), discord.add_member("bert")
    photos = [photograph(1), transparent(2)]
    written = await discord.send_message(
        bert,
        discord.channel,
        "look",
        [Upload("notes.txt", b"text", "text/plain"), Upload("a.jpg", photos[0]), Upload("b.png", photos[1])],
    )
    made = await result(await discord.slash(anna, discord.channel, "imagine", prompt="a boat"))
    for message, values, wanted in (
        (written, {}, prepared(photos[0])),
        (written, {"which": ["1"], "extra": Upload("c.jpg", photos[0])}, prepared(photos[1], photos[0])),
        (made, {}, [("image/jpeg", own)]),
    ):
        form = await discord.context_menu(anna, message, "Edit image")
        await result(await discord.submit_modal(anna, form, {"instruction": "a hat", **values}))
        assert pictures(gemini.history[-1]) == wanted
        if message is written:
            assert_bare(gemini.history[-1])


async def test_a_character_goes_last_and_the_prompt_says_which_picture_it_is(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    await plantain.start()
    anna = discord.add_member("anna")
    front, side, place = photograph(1), transparent(2), photograph(3)
    pending = await discord.slash(
        anna, discord.channel, "character save", name="Mia", image1=front, image2=side
    )
    await pending.until_answer(lambda state: "is saved with 2 pictures" in text(state))
    await result(
        await discord.slash(anna, discord.channel, "imagine", prompt="@mia at the sea", image1=place)
    )
    got = gemini.history[-1]
    assert pictures(got) == prepared(place, front, side)
    assert_bare(got)
    assert any("@Mia is who or what pictures 2 to 3 show" in line for line in got.texts[0].splitlines())
    assert got.text == "@mia at the sea"


async def test_a_description_survives_a_crash_and_is_not_paid_twice(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    await plantain.start()
    anna = discord.add_member("anna")
    photo = photograph(1)
    working = gemini.hold()
    gemini.enqueue(words("Lost."), words("A *stormy* sea."), Picture(make_jpeg(64, 64)))
    pending = await discord.slash(anna, discord.channel, "describe", image=photo)
    await working.arrived()
    await plantain.processes[-1].kill()
    working.release()
    await plantain.start()
    message = await pending.until(lambda state: "AI-made description" in text(state))
    assert "A \\*stormy\\* sea." in text(message)
    await plantain.quiet()
    job = plantain.job(pending)
    assert (job.state, job.attempts, job.settled, job.images) == ("succeeded", 2, 0, ())
    assert [pictures(got) for got in gemini.history] == [prepared(photo)] * 2
    await plantain.restart()
    made = await result(await discord.press(anna, message, only_button(message)))
    assert media(made)
    assert gemini.history[-1].text == "A *stormy* sea."
    # With a token that has ended meanwhile, the words stand in the channel and name the member.
    gemini.enqueue(words("A calm sea."))
    await discord.slash(anna, discord.channel, "describe", image=photo, age_seconds=14 * 60 + 30)
    late = await discord.until_message(discord.channel, lambda state: "A calm sea." in text(state))
    assert anna.mention in text(late)


async def test_the_gallery_and_what_it_leads_to_is_what_discord_takes(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    """Every message is checked against Discord's description of its API when the test ends."""
    await plantain.start()
    anna = discord.add_member("anna")
    for number in range(10):
        prompt = f"boat {number}"
        await result(
            await discord.slash(anna, discord.channel, "imagine", prompt=prompt, style="watercolour")
        )
    made = await result(await discord.slash(anna, discord.channel, "imagine", prompt="mine", private=True))
    await edited(discord, anna, made, instruction="still a secret")

    async def answered(pending: Pending, word: str) -> Message:
        return await pending.until(lambda state: state.ephemeral and word in text(state))

    page = await answered(await discord.slash(anna, discord.channel, "gallery"), "page 1 of 2 · 12 pictures")
    with Image.open(io.BytesIO(media(page)[0].data)) as sheet:
        sheet.load()
    turned = await answered(await discord.click(anna, page, "Older ›"), "page 2 of 2")
    oldest = [button for button in buttons(turned) if ":gallery:open:" in str(button.custom_id)][-1]
    opened = await result(await discord.press(anna, turned, str(oldest.custom_id)))
    assert "boat 0" in text(opened)
    (jump_to,) = [button.url for button in buttons(opened) if button.url]
    first = plantain.records.jobs()[0].delivery
    assert first is not None and jump_to.endswith(f"/{first['channel_id']}/{first['message_id']}")
    details = await answered(await discord.click(anna, opened, "Details"), "**Settings of")
    assert "watercolour" in text(details)
    form = await discord.click(anna, opened, "Reuse settings")
    again = await result(await discord.submit_modal(anna, form, {"prompt": "a ship"}))
    assert media(again)
    assert gemini.history[-1].texts[:-1] == gemini.history[0].texts[:-1]
    shown = await result(await discord.click(anna, opened, "Show here"))
    assert not shown.ephemeral
    jump = await discord.click(anna, turned, "Jump to…")
    await answered(await discord.submit_modal(anna, jump, {"place": "1"}), "page 1 of 2")
    nothing = await discord.slash(anna, discord.channel, "gallery", text="zebra", kind="edit", day="2020-01")
    await answered(nothing, "None of your pictures match")
    (own,) = plantain.records.jobs()[0].images
    back = await discord.slash(anna, discord.channel, "show", id=own["id"])
    assert media(await result(back))
