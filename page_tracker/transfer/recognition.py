"""Finds the formats of documents."""

from collections.abc import Iterator

from page_tracker.transfer.documents import Document
from page_tracker.transfer.entries import FileError
from page_tracker.transfer.formats import FORMATS, Format


def recognize(
    document: Document, name: str | None
) -> Iterator[tuple[Document, Format | None]]:
    """Yield the document with its format, or the members of an archive with theirs.

    A member without a known format comes with None. Raises FileError if there is no
    other.
    """
    members = [Document(member.name, [member]) for member in document.members]
    if name is not None:
        (format_,) = (each for each in FORMATS if each.name == name)
        is_whole = len(members) == 1 or format_.recognizes(document)
        yield from ((part, format_) for part in ([document] if is_whole else members))
        return
    parts = [(document, _find_format(document))]
    if parts[0][1] is None and len(members) > 1:
        parts = [(member, _find_format(member)) for member in members]
    if not any(format_ for _, format_ in parts) and any(
        member.head for member in document.members
    ):
        raise FileError(
            "its format is not known; allowed: --format NAME, or a file in one of "
            f"these formats: {', '.join(each.title for each in FORMATS)}"
        )
    yield from parts


def _find_format(document: Document) -> Format | None:
    return next((each for each in FORMATS if each.recognizes(document)), None)
