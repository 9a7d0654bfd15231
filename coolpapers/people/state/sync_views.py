"""``POST /me/sync``: a device sends its writes and receives the items that it has not seen, as JSON."""

from __future__ import annotations

import json
import time
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from coolpapers.base.throttling import Rate, check_rate
from coolpapers.people.errors import InvalidRequest
from coolpapers.people.state.renamed_keys import rename_writes
from coolpapers.people.state.sync import PAGE, sync_items
from coolpapers.people.state.writes import read_writes

SYNC_RATE = Rate(120)  # a device syncs once per page view and once per change; a new one fetches page after page


@require_POST
@never_cache
def sync(request: HttpRequest) -> JsonResponse:
    """Takes ``{"cursor": 0, "items": […]}``; answers with items, the new cursor and whether there are more."""
    if not request.user.is_authenticated:
        return JsonResponse({"error": _("Sign in first.")}, status=401)
    wait_s = check_rate("sync", str(request.user.pk), SYNC_RATE)
    if wait_s:
        error = _("Too many requests; try again in %(seconds)d seconds.") % {"seconds": wait_s}
        return JsonResponse({"error": error}, status=429, headers={"Retry-After": str(wait_s)})
    try:
        cursor, rows = _read_body(request.body)
    except InvalidRequest as error:
        return JsonResponse({"error": str(error)}, status=400)
    writes, refusals = read_writes(rows, now_ms=int(time.time() * 1000))
    answer = sync_items(request.user, rename_writes(writes), cursor=cursor)
    return JsonResponse(
        {
            "items": [write.as_json() for write in answer.items],
            "cursor": answer.cursor,
            "more": answer.has_more,
            "reset": answer.is_reset,
            "refused": [refusal.as_json() for refusal in (*refusals, *answer.refusals)],
        }
    )


def _read_body(body: bytes) -> tuple[int, list[Any]]:
    """The cursor and the items of a request. Raises InvalidRequest."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError) as exc:
        raise InvalidRequest(_("The request body is not valid JSON.")) from exc
    cursor, rows = (content.get("cursor"), content.get("items")) if isinstance(content, dict) else (None, None)
    if not isinstance(cursor, int) or isinstance(cursor, bool) or not 0 <= cursor < 2**63:
        raise InvalidRequest(_("“cursor” must be a non-negative integer."))
    if not isinstance(rows, list) or len(rows) > PAGE:
        raise InvalidRequest(_("“items” must be a list of at most %(limit)d items.") % {"limit": PAGE})
    return cursor, rows
