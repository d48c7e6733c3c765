"""The addresses of the rooms: three pages with their state as JSON, and what people and leaders send.

Whoever is asked again and again answers cheaply: what has not changed since is 304. A person is a random token, in a
cookie for that room alone; where no cookie is taken, as in a frame of another site, the page sends one of its own.
"""

import asyncio
import hashlib
import json
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from vmapdemo.room import addresses, codes, sheet, sights
from vmapdemo.room.acts import Act, Flag, RefusedError, Vote
from vmapdemo.room.pages import Pages
from vmapdemo.room.rooms import Open, Rooms, is_token
from vmapdemo.room.texts import Texts, named, read

PATH = "/room"
SECRET, TOKEN = "x-room-secret", "x-room-token"
"""Headers: the leader's secret, and a person's token where there is no cookie."""
COOKIE = "vmapdemo_person"
COOKIE_S = 12 * 3600

MOST_BYTES = 300
"""Of what a person or a leader sends."""
MOST_REMEMBERED_BYTES = 2_000
"""Of what a leader's page remembers of a room."""

STATUS = {
    "no-room": 404,
    "no-token": 401,
    "not-leader": 403,
    "foreign": 403,
    "elsewhere": 421,
    "unreadable": 400,
    "no-option": 400,
    "no-lesson": 400,
    "too-long": 413,
    "full": 503,
    "no-rooms": 503,
}
CONFLICT = 409
"""For what is refused because of where the room is."""

NOT_KEPT = {"Cache-Control": "no-store"}
FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}

Answering = Callable[[Request], Awaitable[Response]]


class RoomRoutes:
    """Routes for an application; ``rooms`` are those that it opens."""

    def __init__(self, rooms: Rooms, texts: Texts | None = None) -> None:
        self._rooms = rooms
        self._texts = texts or read()
        self._pages = Pages(self._texts)

    @property
    def routes(self) -> list[Route]:
        """All of them."""
        return [
            self._route("", self._join_page),
            self._route("/desk", self._desk_page),
            self._route("/files/{build}/{name}", self._file),
            self._route("/open", self._open, "POST"),
            self._route("/{code}", self._participant_page),
            self._route("/{code}/screen", self._screen_page),
            self._route("/{code}/qr.svg", self._qr),
            self._route("/{code}/state", self._participant_state),
            self._route("/{code}/screen/state", self._screen_state),
            self._route("/{code}/desk/state", self._desk_state),
            self._route("/{code}/counts.csv", self._counts),
            self._route("/{code}/open", self._open, "POST"),
            self._route("/{code}/act", self._act, "POST"),
            self._route("/{code}/vote", self._vote, "POST"),
            self._route("/{code}/flag", self._flag, "POST"),
        ]

    def _route(self, path: str, answer: Answering, method: str = "GET") -> Route:
        async def answered(request: Request) -> Response:
            try:
                if method == "POST":
                    _check_origin(request)
                return await answer(request)
            except RefusedError as refused:
                told = {"reason": refused.reason, "sentence": named(self._texts, f"refused.{refused.reason}")}
                return _json(told, STATUS.get(refused.reason, CONFLICT))

        return Route(PATH + path, answered, methods=[method])

    # Pages

    async def _join_page(self, request: Request) -> Response:
        typed = request.query_params.get("code", "")
        code = codes.read(typed)
        if code is not None:
            # Whether it is open only its own replica can say: its page does.
            return RedirectResponse(f"{_base(request)}/{code}", 303, NOT_KEPT)
        return self._page(request, "join.html", sentence=named(self._texts, "join.no-code") if typed else "")

    async def _desk_page(self, request: Request) -> Response:
        return self._page(request, "desk.html")

    async def _screen_page(self, request: Request) -> Response:
        code = codes.read(request.path_params["code"])
        if code is None:
            return self._no_code(request)
        join = addresses.reachable(str(request.base_url).rstrip("/") + PATH)
        return self._page(request, "screen.html", code=code, address=join.partition("://")[2])

    async def _participant_page(self, request: Request) -> Response:
        asked = request.path_params["code"]
        code = codes.read(asked)
        if code is None:
            return self._no_code(request)
        path = f"{_base(request)}/{code}"
        if asked != code:  # a cookie's path is compared letter by letter
            return RedirectResponse(path, 303, NOT_KEPT)
        page = self._page(request, "participant.html", code=code)
        token = _token(request) or secrets.token_urlsafe(24)
        is_secure = request.url.scheme == "https"
        page.set_cookie(COOKIE, token, COOKIE_S, path=path, secure=is_secure, httponly=True, samesite="lax")
        return page

    def _no_code(self, request: Request) -> Response:
        return self._page(request, "join.html", 404, sentence=named(self._texts, "join.no-code"))

    def _page(self, request: Request, name: str, status: int = 200, **values: str) -> Response:
        base = f"{_base(request)}/"
        return HTMLResponse(self._pages.page(name, base=base, **values), status, NOT_KEPT)

    async def _file(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in self._pages.files:
            return Response(status_code=404)
        is_of_build = request.path_params["build"] == self._pages.build
        headers = FOR_EVER if is_of_build else NOT_KEPT
        return Response(self._pages.files[name], 200, headers, self._pages.media_type(name))

    async def _qr(self, request: Request) -> Response:
        address = addresses.reachable(str(request.base_url).rstrip("/") + f"{PATH}/{_code(request)}")
        return Response(addresses.qr(address), 200, NOT_KEPT, "image/svg+xml")

    # What the pages ask again and again

    async def _participant_state(self, request: Request) -> Response:
        token = _person(request)
        here = self._rooms.join(_code(request), token)
        return self._as_participant(here, token, request)

    def _as_participant(self, here: Open, token: str, request: Request) -> Response:
        room = here.room
        mine = room.voted.get(token), room.flags.get(token)
        # All that a person's sight is made of: it need not be put together to see that it is the same.
        tag = _quoted(f"{room.run}.{room.version}.{room.phase}.{mine[0]}.{mine[1]}")
        return _unchanged(tag, request) or _json(sights.participant(room, token), tag=tag)

    async def _screen_state(self, request: Request) -> Response:
        here = self._rooms.look(_code(request))
        return _tagged(sights.screen(here.room, self._rooms.present(here)), request)

    async def _desk_state(self, request: Request) -> Response:
        return self._as_leader(self._rooms.lead(_code(request), _secret(request)), request)

    def _as_leader(self, here: Open, request: Request) -> Response:
        sight = sights.desk(here.room, self._rooms.present(here)) | {"minutes": self._rooms.minutes(here)}
        code = _code(request)
        base = addresses.reachable(str(request.base_url).rstrip("/") + PATH)
        return _tagged(sight | {"links": {"participant": f"{base}/{code}", "screen": f"{base}/{code}/screen"}}, request)

    async def _counts(self, request: Request) -> Response:
        here = self._rooms.lead(_code(request), _secret(request))
        return Response(sheet.csv_of(here.room), 200, NOT_KEPT, "text/csv")

    # What people and leaders send

    async def _open(self, request: Request) -> Response:
        told = await _told(request, MOST_REMEMBERED_BYTES)
        code = _code(request) if "code" in request.path_params else None
        # The first who opens a room waits until the lessons have their answers: nobody else does.
        await asyncio.to_thread(self._rooms.prepare)
        return _json({"code": self._rooms.open(_secret(request), told.get("memory"), code)})

    async def _act(self, request: Request) -> Response:
        told = await _told(request)
        act = Act(_text(told, "act"), told.get("lesson"))
        if type(told.get("version")) is not int or type(act.lesson) not in (int, type(None)):
            raise RefusedError("unreadable")
        return self._as_leader(self._rooms.act(_code(request), _secret(request), act, told["version"]), request)

    async def _vote(self, request: Request) -> Response:
        told, token = await _told(request), _person(request)
        vote = Vote(token, _text(told, "ballot"), _text(told, "letter"))
        return self._as_participant(self._rooms.take(_code(request), vote), token, request)

    async def _flag(self, request: Request) -> Response:
        told, token = await _told(request), _person(request)
        flag = None if told.get("flag") is None else _text(told, "flag")
        if type(told.get("run")) is not int:
            raise RefusedError("unreadable")
        return self._as_participant(self._rooms.take(_code(request), Flag(token, told["run"], flag)), token, request)


def _check_origin(request: Request) -> None:
    """A page of another site cannot act for a person: a browser says with every POST whose page it comes from.

    The middleware `OwnOrigin` takes a foreign origin away, so that none is left.
    """
    is_own_page = request.headers.get("sec-fetch-site", "same-origin") == "same-origin"
    if not is_own_page or request.headers.get("origin", "null") == "null":
        raise RefusedError("foreign")


def _base(request: Request) -> str:
    return f"{request.scope.get('root_path', '')}{PATH}"


def _code(request: Request) -> str:
    code = codes.read(request.path_params["code"])
    if code is None:
        raise RefusedError("no-room")
    return code


def _secret(request: Request) -> str:
    return request.headers.get(SECRET, "")


def _token(request: Request) -> str | None:
    token = request.cookies.get(COOKIE) or request.headers.get(TOKEN, "")
    return token if is_token(token) else None


def _person(request: Request) -> str:
    token = _token(request)
    if token is None:
        raise RefusedError("no-token")
    return token


async def _told(request: Request, most: int = MOST_BYTES) -> dict[str, Any]:
    """The JSON object that was sent; RefusedError where it is none or too long."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise RefusedError("too-long")
    # Another site's form cannot send this type.
    if request.headers.get("content-type") != "application/json":
        raise RefusedError("unreadable")
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        raise RefusedError("unreadable") from None
    if not isinstance(told, dict):
        raise RefusedError("unreadable")
    return told


def _text(told: dict[str, Any], name: str) -> str:
    text = told.get(name)
    if not isinstance(text, str):
        raise RefusedError("unreadable")
    return text


def _json(told: Any, status: int = 200, tag: str | None = None) -> Response:
    body = json.dumps(told, separators=(",", ":")).encode()
    return Response(body, status, NOT_KEPT | ({"ETag": tag} if tag else {}), "application/json")


def _tagged(sight: sights.Sight, request: Request) -> Response:
    tag = _quoted(hashlib.sha256(json.dumps(sight).encode()).hexdigest()[:16])
    return _unchanged(tag, request) or _json(sight, tag=tag)


def _quoted(tag: str) -> str:
    return f'"{tag}"'


def _unchanged(tag: str, request: Request) -> Response | None:
    """304 where the page has it already; a proxy that packs it may have made the tag a weak one."""
    if request.headers.get("if-none-match", "").removeprefix("W/") != tag:
        return None
    return Response(status_code=304, headers=NOT_KEPT | {"ETag": tag})
