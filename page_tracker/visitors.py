"""Who is counted as a visitor."""

from page_tracker.http import Request


def visitor(request: Request) -> str | None:
    """Tell who asks: the same for the same address and agent.

    None if they ask not to be tracked: by Sec-GPC (Global Privacy Control) or by DNT
    (Tracking Preference Expression, W3C 2019).
    """
    return None if request.untracked else f"{request.address}\n{request.agent}"
