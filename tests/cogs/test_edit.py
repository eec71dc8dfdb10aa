"""Pictures from pictures: /edit, /blend, /imagine with pictures, the message menu, Edit and Finish."""

from __future__ import annotations

import base64
import io
from typing import Any

import simcord
from PIL import Image as Pillow

from bot.domain.requests import Kind
from cogs.forms import UNCHANGED
from tests.cogs.stage import Stage
from tests.cogs.using import manager, use
from tests.fakes.gemini import Picture, make_jpeg

GPS = 0x8825


def photograph(colour: str, size: tuple[int, int] = (64, 48), *, kind: str = "JPEG") -> bytes:
    """A picture of one colour with what a camera writes into it."""
    picture = Pillow.new("RGB", size, colour)
    exif = Pillow.Exif()
    exif[0x010F] = "A camera"
    exif.get_ifd(GPS)[1] = "N"
    out = io.BytesIO()
    picture.save(out, kind, exif=exif, comment=b"taken at home")
    return out.getvalue()


def sent(part: dict[str, Any]) -> Pillow.Image:
    """The picture in a part of a request to Gemini."""
    data = base64.b64decode(part["inlineData"]["data"])
    assert b"camera" not in data
    assert b"home" not in data
    picture = Pillow.open(io.BytesIO(data))
    assert not picture.getexif()
    return picture


def colour_of(picture: Pillow.Image) -> str:
    red, green, blue = picture.convert("RGB").resize((1, 1)).tobytes()
    return max((red, "red"), (green, "green"), (blue, "blue"))[1]


async def test_edit_sends_the_pictures_in_order_and_without_metadata(stage: Stage) -> None:
    result = await stage.alice.slash(
        stage.channel,
        "edit",
        image=("IMG_1.jpg", photograph("red")),
        image2=("IMG_2.png", photograph("blue", kind="PNG")),
        instruction="make *it* night",
        size="2K",
    )
    seen = await stage.finished(result)
    assert seen.media
    (request,) = stage.gemini.history
    pictures = [part for part in request.parts if "inlineData" in part]
    assert [colour_of(sent(part)) for part in pictures] == ["red", "blue"]
    assert request.text == "make *it* night"
    assert request.parts[-1] == {"text": "make *it* night"}
    assert request.body["generationConfig"]["imageConfig"] == {"imageSize": "2K"}
    (job,) = await stage.done(1)
    assert job.request.kind is Kind.EDIT


async def test_what_is_no_picture_is_said_to_its_sender_alone(stage: Stage) -> None:
    result = await stage.alice.slash(
        stage.channel, "edit", image=("cat.png", b"this is a text"), instruction="a hat"
    )
    assert "cat.png" in stage.said(result)
    assert stage.messages(viewer=stage.ben) == []
    assert stage.gemini.history == []
    assert await stage.jobs() == []
    assert (await stage.ledger())["reserved"] == {}


async def test_blend_and_imagine_with_pictures(stage: Stage) -> None:
    pictures = [
        (f"{number}.jpg", photograph(colour)) for number, colour in enumerate(("red", "green", "blue"))
    ]
    await stage.finished(
        await stage.alice.slash(
            stage.channel,
            "blend",
            image1=pictures[0],
            image2=pictures[1],
            image3=pictures[2],
            instruction="on one table",
        )
    )
    await stage.finished(await stage.imagine(prompt="in this style", image1=pictures[2]))
    colours = [
        [colour_of(sent(part)) for part in request.parts if "inlineData" in part]
        for request in stage.gemini.history
    ]
    assert colours == [["red", "green", "blue"], ["blue"]]


async def test_more_pictures_than_the_model_takes(stage: Stage) -> None:
    result = await stage.alice.slash(
        stage.channel,
        "edit",
        image=("a.jpg", photograph("red")),
        image2=("b.jpg", photograph("red")),
        instruction="x",
        model="gemini-3.1-flash-lite-image",
        size="2K",
    )
    assert "does not make the size" in stage.said(result)
    assert stage.gemini.history == []


async def test_the_button_sends_the_stored_original_and_results_chain(stage: Stage) -> None:
    first = await stage.picture(prompt="a door")
    form = await stage.ben.click(first.message, label="Edit")
    second = await stage.finished(
        await stage.ben.submit_modal(
            form,
            {
                "instruction": "paint it green",
                "extra": ("hand.jpg", photograph("green")),
                "model": ["gemini-3-pro-image"],
                "size": [UNCHANGED],
            },
        )
    )
    parts = stage.gemini.history[1].parts
    assert base64.b64decode(parts[0]["inlineData"]["data"]) == first.media[0].data
    assert colour_of(sent(parts[1])) == "green"
    assert parts[2] == {"text": "paint it green"}
    assert stage.gemini.history[1].model == "gemini-3-pro-image"

    form = await stage.alice.click(second.message, label="Edit")
    await stage.finished(await stage.alice.submit_modal(form, {"instruction": "and open it"}))
    jobs = await stage.done(3)
    images = [(await stage.images(job))[0] for job in jobs]
    assert [image.parent for image in images] == [None, images[0].id, images[1].id]
    assert base64.b64decode(stage.gemini.history[2].parts[0]["inlineData"]["data"]) == second.media[0].data


async def test_a_form_that_is_sent_after_the_picture_was_deleted(stage: Stage) -> None:
    stage.gemini.enqueue(*(Picture(make_jpeg(64, 64, seed=number)) for number in range(2)))
    first = await stage.picture(count=2)
    form = await stage.ben.click(first.message, label="Edit")
    which = stage.answer(await stage.alice.click(first.message, label="Delete"))
    assert which is not None
    question = stage.answer(await stage.alice.click(which.message, label=next(iter(which.buttons))))
    assert question is not None
    await stage.alice.click(question.message, label="Yes, delete it")
    result = await stage.ben.submit_modal(form, {"which": ["0"], "instruction": "a hat"})
    assert "not there any more" in stage.said(result)
    assert len(stage.gemini.history) == 2


async def test_the_message_menu(stage: Stage) -> None:
    message = await stage.ben.send(
        stage.channel, "look", attachments=[("one.jpg", photograph("red")), ("two.jpg", photograph("blue"))]
    )
    form = await stage.alice.context_menu(stage.channel, "Edit image", message)
    await stage.finished(await stage.alice.submit_modal(form, {"which": ["1"], "instruction": "a hat"}))
    assert colour_of(sent(stage.gemini.history[0].parts[0])) == "blue"

    own = await stage.picture(prompt="a door")
    form = await stage.ben.context_menu(stage.channel, "Edit image", own.message)
    await stage.finished(await stage.ben.submit_modal(form, {"instruction": "a hat"}))
    assert base64.b64decode(stage.gemini.history[2].parts[0]["inlineData"]["data"]) == own.media[0].data

    words = await stage.ben.send(stage.channel, "only words")
    assert "no picture" in stage.said(await stage.alice.context_menu(stage.channel, "Edit image", words))


async def test_finish_says_the_price_first(stage: Stage) -> None:
    first = await stage.picture(prompt="a door", ratio="3:2")
    asked = await stage.ben.click(first.message, label="Finish")
    assert asked.ephemeral
    question = stage.answer(asked)
    assert question is not None
    assert all("$" in label for label in question.buttons)
    assert len(stage.gemini.history) == 1
    label = next(label for label in question.buttons if "Pro" in label and "4K" in label)
    done = await stage.finished(await _click(stage.ben, question.message, label))
    assert done.media
    request = stage.gemini.history[1]
    assert request.model == "gemini-3-pro-image"
    assert request.parts[-1] == {"text": "a door"}
    assert base64.b64decode(request.parts[0]["inlineData"]["data"]) == first.media[0].data
    assert request.body["generationConfig"]["imageConfig"] == {"aspectRatio": "3:2", "imageSize": "4K"}


async def _click(who: simcord.MemberActor, message: Any, label: str) -> simcord.InteractionResult:
    return await who.click(message, label=label)


def test_the_photographs_have_what_must_not_be_sent() -> None:
    assert Pillow.open(io.BytesIO(photograph("red"))).getexif()
    assert make_jpeg(8, 8)


def fields(form: simcord.InteractionResult) -> dict[str, list[str]]:
    """The fields of a form in their order, with the labels of what can be chosen in each."""
    assert form.modal is not None
    parts = [label["component"] for label in form.modal["components"]]
    return {part["custom_id"]: [item["label"] for item in part.get("options", [])] for part in parts}


async def test_the_form_shows_tiers_and_prices_and_asks_for_consent_where_the_server_does(
    stage: Stage,
) -> None:
    stage.gemini.enqueue(*(Picture(make_jpeg(64, 64, seed=number)) for number in range(2)))
    one, two = await stage.picture(), await stage.picture(count=2)
    form = fields(await stage.ben.click(one.message, label="Edit"))
    assert list(form) == ["instruction", "extra", "model", "size"]
    assert form["model"][0] == "The usual model"
    assert "Nano Banana Pro · pro · $0.13" in form["model"][-1]
    assert form["size"][1:] == ["1K", "2K", "4K"]

    await use(stage, manager(stage), "config consent", required="on")
    opened = await stage.ben.click(one.message, label="Edit")
    assert list(fields(opened)) == ["instruction", "extra", "model", "size", "consent"]
    # Nobody else's picture is brought: nothing to agree to.
    await stage.finished(await stage.ben.submit_modal(opened, {"instruction": "a hat"}))
    opened = await stage.ben.click(one.message, label="Edit")
    brought = {"instruction": "a hat", "extra": ("hand.jpg", photograph("green"))}
    assert "agrees" in stage.said(await stage.ben.submit_modal(opened, brought))
    opened = await stage.ben.click(one.message, label="Edit")
    await stage.finished(await stage.ben.submit_modal(opened, {**brought, "consent": True}))
    assert (await stage.jobs())[-1].request.consent

    # With several pictures one menu says model and size: a form has room for five things.
    opened = await stage.ben.click(two.message, label="Edit")
    form = fields(opened)
    assert list(form) == ["which", "instruction", "extra", "model", "consent"]
    assert "Nano Banana Pro · pro · $0.24" in form["model"][-1] and form["model"][-1].endswith(" · 4K")
    values = {"which": ["1"], "instruction": "a hat", "model": ["gemini-3-pro-image|4K"]}
    await stage.finished(await stage.ben.submit_modal(opened, values))
    request = stage.gemini.history[-1]
    assert request.model == "gemini-3-pro-image"
    assert request.body["generationConfig"]["imageConfig"] == {"imageSize": "4K"}
    assert base64.b64decode(request.parts[0]["inlineData"]["data"]) == two.media[1].data
