"""Why a change cannot be made. In each case, nothing has changed."""


class ChangeError(Exception):
    """The change cannot be made. The text says why, and what is allowed."""


class InvalidChangeError(ChangeError):
    """The change makes no sense, whatever is stored."""


class UnknownError(ChangeError):
    """The page or site of the change has no counts."""


class ConflictError(ChangeError):
    """What is stored does not allow the change."""
