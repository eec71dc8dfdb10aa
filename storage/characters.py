"""Characters and their reference pictures."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from bot.domain.characters import Character, CharacterPicture
from bot.domain.requests import Reference
from bot.errors import StaleState
from storage.engine import Connection, Row

INSERT_CHARACTER = """
INSERT INTO characters (id, owner_id, name_key, name, guild_id, consent, created_at)
VALUES (:id, :owner_id, :name_key, :name, :guild_id, :consent, :created_at)
ON CONFLICT DO NOTHING
RETURNING id
"""

INSERT_PICTURE = """
INSERT INTO character_pictures (character_id, position, sha256, mime, size, image_id)
VALUES (:character_id, :position, :sha256, :mime, :size, :image_id)
"""

# A picture that came from a kept image goes with it, unless it was the character's owner who deleted the
# image: what moderators or another owner removed, or what is withheld, is not used.
_WITH_PICTURES = """
SELECT
    characters.id, characters.owner_id, characters.name, characters.guild_id, characters.consent,
    characters.created_at, pictures.sha256, pictures.mime, pictures.size, pictures.image_id
FROM characters
LEFT JOIN character_pictures AS pictures
    ON pictures.character_id = characters.id
    AND NOT EXISTS (
        SELECT 1 FROM images
        WHERE images.id = pictures.image_id
            AND (
                images.withheld IS NOT NULL
                OR (images.deleted_at IS NOT NULL AND images.deleted_by <> characters.owner_id)
            )
    )
"""

GET_CHARACTER = f"{_WITH_PICTURES} WHERE characters.id = :id ORDER BY pictures.position"

LIST_OF_OWNER = f"""
{_WITH_PICTURES}
WHERE characters.owner_id = :owner_id
ORDER BY characters.name_key, pictures.position
"""

LIST_OF_SERVER = f"""
{_WITH_PICTURES}
WHERE characters.guild_id = :guild_id
ORDER BY characters.name_key, pictures.position
"""

SHARE_CHARACTER = """
UPDATE characters SET guild_id = :guild_id
WHERE id = :id AND NOT EXISTS (
    SELECT 1 FROM characters AS others
    WHERE others.guild_id = :guild_id AND others.name_key = characters.name_key AND others.id <> :id
)
RETURNING id
"""

# A file of ours was made here, or was saved by somebody who says that who is shown agrees.
MADE_OR_AGREED = """
SELECT 1 FROM images WHERE sha256 = :sha256
UNION ALL SELECT 1 FROM character_pictures AS pictures
JOIN characters ON characters.id = pictures.character_id
WHERE pictures.sha256 = :sha256 AND characters.consent = 1
LIMIT 1
"""

UNSHARE_CHARACTER = "UPDATE characters SET guild_id = NULL WHERE id = :id RETURNING id"
DELETE_CHARACTER = "DELETE FROM characters WHERE id = :id RETURNING id"


class CharacterRepository:
    """Characters within one transaction. Their pictures are what may still be used of them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def insert(self, character: Character) -> None:
        """Write a new character; StaleState where its owner, or its server, has one of that name."""
        row = await self._connection.fetch_one(
            INSERT_CHARACTER,
            {
                "id": character.id,
                "owner_id": character.owner_id,
                "name_key": character.key,
                "name": character.name,
                "guild_id": character.guild_id,
                "consent": character.consent,
                "created_at": character.created_at,
            },
        )
        if row is None:
            raise StaleState(f"the id or the name of character {character.id} is taken")
        for position, picture in enumerate(character.pictures):
            await self._connection.execute(
                INSERT_PICTURE,
                {
                    "character_id": character.id,
                    "position": position,
                    "sha256": picture.reference.sha256,
                    "mime": picture.reference.mime,
                    "size": picture.reference.size,
                    "image_id": picture.image_id,
                },
            )

    async def get(self, character_id: str) -> Character | None:
        found = _characters(await self._connection.fetch_all(GET_CHARACTER, {"id": character_id}))
        return found[0] if found else None

    async def of_owner(self, owner_id: int) -> Sequence[Character]:
        """All characters of a person by name."""
        return _characters(await self._connection.fetch_all(LIST_OF_OWNER, {"owner_id": owner_id}))

    async def of_server(self, guild_id: int) -> Sequence[Character]:
        """All characters that are shared with a server, by name."""
        return _characters(await self._connection.fetch_all(LIST_OF_SERVER, {"guild_id": guild_id}))

    async def unsaid(self, digests: Collection[str]) -> bool:
        """Whether members brought some of these files along, and nobody who saved them said that who is shown
        agrees."""
        for sha256 in digests:
            if await self._connection.fetch_one(MADE_OR_AGREED, {"sha256": sha256}) is None:
                return True
        return False

    async def share(self, character_id: str, guild_id: int | None) -> None:
        """Share a character with a server, or with nobody (None).

        StaleState where the server has one of that name, or the character is gone.
        """
        if guild_id is None:
            row = await self._connection.fetch_one(UNSHARE_CHARACTER, {"id": character_id})
        else:
            row = await self._connection.fetch_one(
                SHARE_CHARACTER, {"id": character_id, "guild_id": guild_id}
            )
        if row is None:
            raise StaleState(f"character {character_id} cannot be shared")

    async def delete(self, character_id: str) -> bool:
        """Remove a character; False where it was gone already. The files stay where they are."""
        return await self._connection.fetch_one(DELETE_CHARACTER, {"id": character_id}) is not None


def _characters(rows: Iterable[Row]) -> list[Character]:
    """Put the rows of each character together; their order is kept."""
    found: dict[str, Character] = {}
    pictures: dict[str, list[CharacterPicture]] = {}
    for row in rows:
        character = found.setdefault(row["id"], _character(row))
        if row["sha256"] is not None:
            pictures.setdefault(character.id, []).append(_picture(row))
    return [item.evolve(pictures=tuple(pictures.get(item.id, ()))) for item in found.values()]


def _character(row: Row) -> Character:
    return Character(
        id=row["id"],
        owner_id=row["owner_id"],
        name=row["name"],
        guild_id=row["guild_id"],
        pictures=(),
        created_at=row["created_at"],
        consent=bool(row["consent"]),
    )


def _picture(row: Row) -> CharacterPicture:
    return CharacterPicture(Reference(row["sha256"], row["mime"], row["size"]), row["image_id"])
