"""Pictures that are none, or too much: an answer that only their sender sees, no provider call, no charge.

Over real sockets, through every entrance that brings pictures.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from PIL import Image

from tests.fakes.discord import FakeDiscord, Member, Message, Pending, Upload, buttons, text
from tests.fakes.discord.commands import slash_data
from tests.fakes.gemini import ScriptedGemini, make_jpeg
from tests.imaging.pictures import decode, encode, noise
from tests.imaging.traps import many_frames, many_pixels
from tests.wire.plantain import Plantain, only_button, refusal, result
from tests.wire.test_pictures import photograph, pictures, prepared

LITE = "gemini-3.1-flash-lite-image"
MIB = 2**20
COMMAND, MODAL_SUBMIT = 2, 5
GOOD = make_jpeg(64, 64)

# A file, and a word of the sentence that answers it.
BAD: dict[str, tuple[Upload, str]] = {
    "a text that is called a picture": (
        Upload("cat.png", b"I am a cat, believe me.", "image/png"),
        "is not a picture",
    ),
    "50 MB": (Upload("big.jpg", b"\xff\xd8" + bytes(50 * MIB), "image/jpeg"), "larger than 20 MB"),
    "50 MB that claim to be few": (
        Upload("liar.jpg", photograph(1) + bytes(50 * MIB), "image/jpeg", size=100_000),
        "larger than 20 MB",
    ),
    "30,000 x 30,000 pixels in 100 kB": (Upload("bomb.png", many_pixels()["png"]), "30,000 × 30,000 pixels"),
    "a JPEG that is cut off": (Upload("half.jpg", photograph(2)[:-700]), "JPEG file that is cut off"),
    "a billion frames": (Upload("film.png", many_frames()["png"]), "more than"),
    "many frames": (Upload("film.gif", many_frames()["gif"]), "more than"),
    "an animation of 200 MB": (
        Upload("film.webp", encode(noise(64, 64), "WEBP"), "image/webp", size=200 * MIB),
        "larger than 20 MB",
    ),
    "zero bytes": (Upload("nothing.png", b"", "image/png"), "is not a picture"),
    "one pixel": (Upload("dot.png", encode(Image.new("RGB", (1, 1), "red"), "PNG")), "1 × 1 pixels"),
    "an SVG": (Upload("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml"), "SVG"),
}


def assert_nothing_happened(plantain: Plantain, gemini: ScriptedGemini) -> None:
    assert (gemini.history, plantain.posted()) == ([], [])
    assert plantain.records.rows("SELECT * FROM ledger") == []
    assert plantain.records.jobs() == []


async def test_each_is_answered_privately_and_costs_nothing(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    await plantain.start()
    anna = discord.add_member("anna")
    told = {}
    for name, (upload, _) in BAD.items():
        pending = await discord.slash(anna, discord.channel, "edit", image=upload, instruction="a hat")
        told[name] = await refusal(pending)
    assert {name: told[name] for name, (_, says) in BAD.items() if says not in told[name]} == {}
    # It is said which file is meant, and one bad file among good ones is enough.
    for name, (upload, _) in BAD.items():
        assert f"`{upload.filename}`" in told[name]
    assert_nothing_happened(plantain, gemini)
    # The bot is as well as before.
    await result(await discord.slash(anna, discord.channel, "edit", image=GOOD, instruction="a hat"))


async def test_through_every_entrance_that_takes_pictures(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    await plantain.start()
    anna = discord.add_member("anna")
    bad = Upload("cat.png", b"I am a cat, believe me.", "image/png")
    uses: dict[str, dict[str, Any]] = {
        "edit": {"image": GOOD, "image3": bad, "instruction": "a hat"},
        "blend": {"image1": GOOD, "image2": GOOD, "image5": bad, "instruction": "together"},
        "imagine": {"prompt": "a party", "image2": bad},
        "describe": {"image": bad},
        "character save": {"name": "Mia", "image1": GOOD, "image4": bad},
    }
    for command, options in uses.items():
        pending = await discord.slash(anna, discord.channel, command, **options)
        answer = await pending.until(lambda state: "cat.png" in text(state))
        assert answer.ephemeral and "is not a picture" in text(answer)
    written = await discord.send_message(anna, discord.channel, "look", [bad])
    form = await discord.context_menu(anna, written, "Edit image")
    assert "cat.png" in await refusal(await discord.submit_modal(anna, form, {"instruction": "a hat"}))
    assert gemini.history == [] and plantain.records.jobs() == []
    listed = await discord.slash(anna, discord.channel, "character list")
    assert "There are none yet" in await refusal(listed)

    made = await result(await discord.slash(anna, discord.channel, "imagine", prompt="a boat"))
    form = await discord.click(anna, made, "Edit")
    pending = await discord.submit_modal(anna, form, {"instruction": "a hat", "extra": bad})
    assert "cat.png" in await refusal(pending)
    assert len(gemini.history) == 1


async def test_cmyk_is_taken_as_what_it_shows(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    """A printer's JPEG is a picture: it becomes one that every model can read."""
    await plantain.start()
    anna = discord.add_member("anna")
    cmyk = encode(Image.new("CMYK", (64, 64), (0, 255, 255, 0)), "JPEG")
    await result(await discord.slash(anna, discord.channel, "edit", image=cmyk, instruction="a hat"))
    assert pictures(gemini.history[-1]) == prepared(cmyk)
    seen = decode(pictures(gemini.history[-1])[0][1])
    assert seen.mode == "RGB"
    red, green, blue = seen.crop((5, 5, 6, 6)).tobytes()
    assert red > 150 and green < 90 and blue < 90


async def sent_by_a_modified_client(
    discord: FakeDiscord,
    member: Member,
    command: str,
    change: Callable[[dict[str, Any]], None],
    **options: Any,
) -> Pending:
    """Use a command whose attachments say something else than Discord does."""
    data, _ = slash_data(discord.world, discord.channel, command, options)
    data = copy.deepcopy(data)
    for attachment in data["resolved"]["attachments"].values():
        change(attachment)
    return discord._send(member, discord.channel, COMMAND, data)


async def test_addresses_that_lead_elsewhere_or_nowhere(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    await plantain.start()
    anna = discord.add_member("anna")

    def at(url: str) -> Callable[[dict[str, Any]], None]:
        return lambda attachment: attachment.update(url=url, proxy_url=url)

    def expired(attachment: dict[str, Any]) -> None:
        attachment["url"] = attachment["url"].replace("?ex=", "?ex=1&was=")

    def of_another(attachment: dict[str, Any]) -> None:
        attachment["url"] = attachment["url"].replace("&hm=", "&hm=0")

    changes: list[tuple[Callable[[dict[str, Any]], None], str]] = [
        (expired, "has expired"),
        (of_another, "has expired"),
        *(
            (at(url), "does not come from Discord's own file server")
            for url in (
                "https://example.org/cat.png",
                "http://cdn.discordapp.com/attachments/1/2/cat.png",
                "https://cdn.discordapp.com.example.org/cat.png",
                "https://cdn.discordapp.com@example.org/cat.png",
                "https://127.0.0.1:1/cat.png",
                "file:///etc/passwd",
                "",
            )
        ),
    ]
    for change, says in changes:
        pending = await sent_by_a_modified_client(
            discord, anna, "edit", change, image=GOOD, instruction="a hat"
        )
        assert says in await refusal(pending)
    assert_nothing_happened(plantain, gemini)
    assert all("example.org" not in str(leak) for leak in discord.leaks)


async def test_more_pictures_than_the_model_takes(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    await plantain.start()
    anna = discord.add_member("anna")
    five: dict[str, Any] = {f"image{number}": photograph(number) for number in range(1, 6)}
    pending = await discord.slash(anna, discord.channel, "settings")
    panel = await pending.until(lambda state: state.ephemeral)
    chosen = await discord.select(anna, panel, "plantain:setting:model", [LITE])
    await chosen.ack()
    pending = await discord.slash(anna, discord.channel, "blend", **five, instruction="together")
    assert "takes 3 images as input; these are 5" in await refusal(pending)

    # Twenty at once, as only a modified client can send them: nothing of it is fetched.
    assert_nothing_happened(plantain, gemini)
    made = await result(await discord.slash(anna, discord.channel, "imagine", prompt="a boat"))
    form = await discord.click(anna, made, "Edit")
    twenty = [Upload(f"{number}.jpg", photograph(number)) for number in range(20)]
    pending = await discord.submit_modal(anna, form, {"instruction": "all of them", "extra": twenty})
    assert "takes 3 images as input; these are 21" in await refusal(pending)
    assert not [request for request in discord.requests if "/ephemeral-attachments/" in request.path]
    assert len(gemini.history) == 1


async def deleted(discord: FakeDiscord, member: Member, message: Message) -> None:
    question = await (await discord.click(member, message, "Delete")).until(lambda state: state.ephemeral)
    done = await discord.press(member, question, only_button(question))
    await done.until(lambda state: "is deleted" in text(state))


async def test_forms_that_come_after_their_picture_is_gone(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    await plantain.start()
    anna, bert = discord.add_member("anna"), discord.add_member("bert")
    made = await result(await discord.slash(anna, discord.channel, "imagine", prompt="a boat"))
    (image,) = plantain.records.jobs()[0].images
    details = await (await discord.slash(bert, discord.channel, "show", id=image["id"], details=True)).until(
        lambda state: state.ephemeral
    )
    edit = await discord.click(bert, made, "Edit")
    menu = await discord.context_menu(bert, made, "Edit image")
    reuse = await discord.click(bert, details, "Reuse settings")
    offers = await (await discord.click(bert, made, "Finish")).until(lambda state: state.ephemeral)
    for form in (edit, menu, reuse):
        await form.until_modal()
    await deleted(discord, anna, made)
    for form, field in ((edit, "instruction"), (menu, "instruction"), (reuse, "prompt")):
        assert "not there any more" in await refusal(await discord.submit_modal(bert, form, {field: "x"}))
    pressed = await discord.press(bert, offers, str(buttons(offers)[0].custom_id))
    assert "not there any more" in await refusal(pressed)
    for label in ("What was sent", "Show here", "Reuse settings"):
        assert "not there any more" in await refusal(await discord.click(bert, details, label))
    assert len(gemini.history) == 1

    # A form of a process that is gone.
    form = await discord.context_menu(
        anna,
        await discord.send_message(bert, discord.channel, "look", [Upload("b.jpg", GOOD)]),
        "Edit image",
    )
    await form.until_modal()
    await plantain.restart()
    assert await refusal(await discord.submit_modal(anna, form, {"instruction": "a hat"}))


async def test_what_belongs_to_somebody_else_is_not_there(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    await plantain.start()
    anna, bert = discord.add_member("anna"), discord.add_member("bert")
    pending = await discord.slash(anna, discord.channel, "character save", name="Mia", image1=photograph(1))
    await pending.until_answer(lambda state: "is saved" in text(state))
    uses: dict[str, dict[str, Any]] = {
        "imagine": {"prompt": "@Mia at the sea"},
        "edit": {"image": GOOD, "instruction": "put @mia on it"},
        "blend": {"image1": GOOD, "image2": GOOD, "instruction": "with @MIA"},
    }
    for command, options in uses.items():
        said = await refusal(await discord.slash(bert, discord.channel, command, **options))
        assert "no character of that name for you here" in said
    pending = await discord.slash(bert, discord.channel, "character delete", name="Mia")
    assert "no character" in await refusal(pending)
    assert_nothing_happened(plantain, gemini)

    # Every button of ours under a message that never had it, about a private picture of somebody else.
    public = await result(await discord.slash(anna, discord.channel, "imagine", prompt="a boat"))
    own = await discord.slash(anna, discord.channel, "imagine", prompt="a secret", private=True)
    await result(own)
    await plantain.quiet()
    job = plantain.job(own)
    image_id = job.images[0]["id"]
    actions = ("vary", "edit", "finish", "delete", "original")
    looks = ("open", "show", "reuse", "details", "sent")
    for custom_id in (
        *(f"plantain:{action}:image:{image_id}" for action in actions),
        *(f"plantain:{action}:job:{job.id}" for action in actions),
        *(f"plantain:gallery:{look}:{image_id}" for look in looks),
        f"plantain:finish:{image_id}:4K:gemini-3-pro-image",
        f"plantain:imagine:{job.id}",
    ):
        said = await refusal(await discord.press(bert, public, custom_id))
        # A message that does not hold the button: it is not even looked up. One that does not exist is gone.
        assert "not there any more" in said or "does not work any more" in said, custom_id
    # What is no custom_id of ours, or names a model that there is not.
    for custom_id in (
        f"plantain:finish:{job.images[0]['id']}:9K:dall-e-3",
        "plantain:finish:2222222:4K:gemini-3-pro-image",
        "plantain:imagine:2222222",
        "plantain:gallery:sent:zzzzzzz",
        "plantain:setting:nothing",
        "plantain:page:older:2222222:",
    ):
        assert await refusal(await discord.press(bert, public, custom_id))
    assert len(gemini.history) == 2
    assert discord.world.messages[public.id] == public
    assert [image["deleted_at"] for kept in plantain.records.jobs() for image in kept.images] == [None] * 2
