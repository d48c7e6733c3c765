"""The routes behind the app's own middleware: who is let to do and to see what."""

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware

from tests.room.asking import HOST, Answer, Page
from tests.room.course import COURSE, WHICH_AXIS
from vmapdemo.hosting.headers import Headers
from vmapdemo.hosting.limits import ROOM_OPENINGS, UPLOADS, Limits
from vmapdemo.hosting.own_origin import OwnOrigin
from vmapdemo.room import routes as served
from vmapdemo.room.codes import code_of
from vmapdemo.room.rooms import AWAY_S, IDLE_S, MOST_PEOPLE, MOST_ROOMS, OVER_S, PRESENT_S, Rooms

SECRET = "s" * 32
CODE = code_of(SECRET)
RIGHT = WHICH_AXIS.question.right.letter


@dataclass
class Clock:
    now_s: float = 0.0

    def __call__(self) -> float:
        return self.now_s


@dataclass
class World:
    """A server whose clock the test moves, and which it may start anew."""

    clock: Clock
    letter: str = ""

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        rooms = Rooms(lambda: COURSE, self.letter, self.clock)
        middleware = [
            Middleware(Headers, frame_ancestors="'self'"),
            Middleware(OwnOrigin),
            Middleware(Limits, clock=self.clock),
        ]
        self.app = Starlette(routes=served.RoomRoutes(rooms).routes, middleware=middleware)

    async def __call__(self, *asked: object) -> None:
        await self.app(*asked)  # type: ignore[arg-type]

    def page(self, code: str = CODE, **others: object) -> Page:
        """A person's page, opened."""
        page = Page(self, **others)  # type: ignore[arg-type]
        assert page.get(f"/room/{code}").status == 200
        return page


class Desk:
    """The leader's page, which remembers the room."""

    def __init__(self, world: World, secret: str = SECRET) -> None:
        self.page, self.secret = Page(world), secret
        self.code: str = self.post("/room/open", {}).told["code"]
        self.state = self.look()

    def post(self, address: str, told: object) -> Answer:
        return self.page.post(address, told, x_room_secret=self.secret)

    def look(self) -> dict[str, object]:
        found: dict[str, object] = self.page.get(f"/room/{self.code}/desk/state", x_room_secret=self.secret).told
        return found

    def act(self, *names: str) -> Answer:
        for name in names:
            version = self.look()["version"]
            answer = self.post(f"/room/{self.code}/act", {"act": name, "version": version})
            assert answer.status == 200, answer.body
        self.state = answer.told
        return answer


def vote(page: Page, letter: str, ballot: str | None = None, code: str = CODE) -> Answer:
    ballot = ballot or page.get(f"/room/{code}/state").told["ballot"]
    return page.post(f"/room/{code}/vote", {"ballot": ballot, "letter": letter})


@pytest.fixture
def world() -> World:
    return World(Clock())


@pytest.fixture
def desk(world: World) -> Desk:
    return Desk(world)


def test_a_session_from_joining_to_the_answer(world: World, desk: Desk) -> None:
    people = [world.page() for _ in range(4)]
    desk.act("vote1")
    for page, letter in zip(people, [RIGHT, *"BCB"], strict=True):
        assert vote(page, letter).status == 200
    assert desk.look()["answered"] == 4
    desk.act("closed", "talk", "vote2")
    for page in people:
        assert page.get(f"/room/{CODE}/state").told["mine"] is None
        vote(page, RIGHT)
    told = desk.act("bars").told
    assert told["moves"] == {"right_right": 1, "wrong_right": 3, "right_wrong": 0, "wrong_wrong": 0}
    screen = Page(world).get(f"/room/{CODE}/screen/state").told
    assert screen["bars"]["second"]["people"][RIGHT] == 4
    assert "right" not in screen
    desk.act("answer")
    assert people[0].get(f"/room/{CODE}/state").told["right"] == RIGHT


def test_a_vote_after_closing_is_refused_in_a_sentence_and_changes_nothing(world: World, desk: Desk) -> None:
    page = world.page()
    desk.act("vote1")
    ballot = page.get(f"/room/{CODE}/state").told["ballot"]
    vote(page, "A")
    counted = desk.act("closed").told["memory"]
    late = vote(page, "B", ballot)
    assert (late.status, late.told["sentence"]) == (409, "This vote is closed; your answer was not changed.")
    reloaded = world.page(cookies=dict(page.cookies))
    assert vote(reloaded, "B", ballot).status == 409
    assert desk.look()["memory"] == counted


def test_a_double_tap_and_a_reload_are_one_vote(world: World, desk: Desk) -> None:
    page = world.page()
    desk.act("vote1")
    for _ in range(3):
        vote(page, "A")
    again = world.page(cookies=dict(page.cookies))
    assert again.get(f"/room/{CODE}/state").told["mine"] == "A"
    vote(again, "B")
    assert (desk.look()["answered"], desk.look()["present"]) == (1, 1)


@pytest.mark.parametrize("told", [{}, {"letter": "A"}, {"letter": "", "ballot": "x"}, {"letter": None, "ballot": "x"}])
def test_an_empty_vote_is_none(world: World, desk: Desk, told: dict[str, object]) -> None:
    page = world.page()
    desk.act("vote1")
    ballot = page.get(f"/room/{CODE}/state").told["ballot"]
    if "ballot" in told:
        told = told | {"ballot": ballot}
    assert page.post(f"/room/{CODE}/vote", told).status == 400
    assert desk.look()["answered"] == 0


def test_who_comes_late_sees_the_present_state_and_is_in_no_closed_count(world: World, desk: Desk) -> None:
    first = world.page()
    desk.act("vote1")
    vote(first, "A")
    desk.act("closed", "talk", "vote2")
    late = world.page()
    assert late.get(f"/room/{CODE}/state").told["phase"] == "vote2"
    vote(late, "A")
    counts = desk.act("show-few").told["counts"]
    assert [counts[ballot]["total"] for ballot in ("first", "second")] == [1, 1]


def test_who_has_left_is_not_waited_for(world: World, desk: Desk) -> None:
    stays, leaves = world.page(), world.page()
    desk.act("vote1")
    vote(leaves, "A")
    vote(stays, "B")
    world.clock.now_s += PRESENT_S + 1
    stays.get(f"/room/{CODE}/state")
    assert (desk.look()["answered"], desk.look()["present"]) == (1, 1)
    assert desk.act("show-few").told["counts"]["first"]["total"] == 2, "a vote of one who has left counts"


def test_two_desks_the_one_that_has_not_seen_the_others_act_is_told(world: World, desk: Desk) -> None:
    other = Desk(world)
    version = desk.look()["version"]
    assert other.act("vote1").status == 200
    late = desk.post(f"/room/{CODE}/act", {"act": "vote1", "version": version})
    assert (late.status, late.told["reason"]) == (409, "not-seen")
    assert desk.look()["phase"] == "vote1"


@pytest.mark.parametrize("name", ["bars", "back", "vote2", "nonsense", ""])
def test_an_act_that_is_not_legal_now_is_refused_and_changes_nothing(desk: Desk, name: str) -> None:
    before = desk.look()
    refused = desk.post(f"/room/{CODE}/act", {"act": name, "version": before["version"]})
    assert (refused.status, refused.told["reason"]) == (409, "not-now")
    assert desk.look() == before


def test_only_the_secret_leads(world: World, desk: Desk) -> None:
    stranger = world.page()
    for secret in ("", "t" * 32, CODE, "ä"):
        headers = {"x_room_secret": secret}
        assert stranger.get(f"/room/{CODE}/desk/state", **headers).status == 403
        assert stranger.get(f"/room/{CODE}/counts.csv", **headers).status == 403
        assert stranger.post(f"/room/{CODE}/act", {"act": "vote1", "version": 1}, **headers).status == 403
    assert desk.look()["phase"] == "lobby"


@pytest.mark.parametrize("secret", ["", "short", "x" * 21, "x" * 65, "x" * 30 + "<>"])
def test_a_secret_that_can_be_guessed_opens_no_room(world: World, secret: str) -> None:
    assert Page(world).post("/room/open", {}, x_room_secret=secret).status == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": ""},
        {"origin": "null"},
        {"origin": "https://evil.example.org"},
        {"sec_fetch_site": "cross-site"},
        {"content_type": "text/plain"},
        {"content_type": "application/x-www-form-urlencoded"},
    ],
    ids=str,
)
def test_a_page_of_another_site_cannot_vote(world: World, desk: Desk, headers: dict[str, str]) -> None:
    page = world.page()
    desk.act("vote1")
    ballot = page.get(f"/room/{CODE}/state").told["ballot"]
    refused = page.post(f"/room/{CODE}/vote", {"ballot": ballot, "letter": "A"}, **headers)
    assert refused.status in (400, 403)
    assert desk.look()["answered"] == 0


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 400), (b"[]", 400), (b"{", 400), (b"[" * 250, 400), (b"\xff", 400), (b"7", 400), (b" " * 301, 413)],
)
def test_what_no_page_sends_is_refused(world: World, desk: Desk, body: bytes, status: int) -> None:
    page = world.page()
    for address in ("vote", "flag", "act"):
        assert page.post(f"/room/{CODE}/{address}", None, body, x_room_secret=SECRET).status == status
    assert desk.look()["phase"] == "lobby"


@pytest.mark.parametrize("version", [None, "1", 1.0, True, [1]])
def test_a_version_is_a_number(desk: Desk, version: object) -> None:
    assert desk.post(f"/room/{CODE}/act", {"act": "vote1", "version": version}).status == 400


def test_a_person_is_a_cookie_of_that_room_alone(world: World, desk: Desk) -> None:
    answer = Page(world).get(f"/room/{CODE}")
    cookie = answer.cookies[served.COOKIE]
    assert (cookie["path"], cookie["samesite"], cookie["httponly"], cookie["secure"]) == (
        f"/room/{CODE}",
        "lax",
        True,
        "",
    )
    assert Page(world, scheme="https").get(f"/room/{CODE}").cookies[served.COOKIE]["secure"] is True
    assert served.COOKIE not in Page(world).get(f"/room/{CODE}/screen").cookies
    assert cookie.value not in answer.body.decode()


def test_where_no_cookie_is_taken_a_header_is(world: World, desk: Desk) -> None:
    page = world.page(takes_cookies=False)
    assert page.get(f"/room/{CODE}/state").told["reason"] == "no-token"
    desk.act("vote1")
    mark = {"x_room_token": "t" * 32}
    ballot = page.get(f"/room/{CODE}/state", **mark).told["ballot"]
    assert page.post(f"/room/{CODE}/vote", {"ballot": ballot, "letter": "B"}, **mark).status == 200
    assert page.get(f"/room/{CODE}/state", **mark).told["mine"] == "B"
    for token in ("short", "pretend.A0" + "x" * 20, "x" * 65):
        assert page.get(f"/room/{CODE}/state", x_room_token=token).status == 401


def test_what_has_not_changed_is_not_sent_again(world: World, desk: Desk) -> None:
    page, screen = world.page(), Page(world)
    for address, asked in ((f"/room/{CODE}/state", page), (f"/room/{CODE}/screen/state", screen)):
        tag = asked.get(address).headers["etag"]
        for known in (tag, f"W/{tag}"):
            again = asked.get(address, if_none_match=known)
            assert (again.status, again.body) == (304, b"")
        desk.act("blank")
        assert asked.get(address, if_none_match=tag).status == 200


def test_a_code_is_read_in_any_case_and_a_wrong_one_gets_a_sentence(world: World) -> None:
    page = Page(world)
    assert page.get(f"/room/{CODE.lower()}").headers["location"] == f"/room/{CODE}"
    assert page.get(f"/room?code=%20{CODE.lower()[:2]}-{CODE.lower()[2:]}").headers["location"] == f"/room/{CODE}"
    for address in ("/room?code=hello", "/room/hello", "/room/O0I1L/screen"):
        assert b"That is no code of a room" in page.get(address).body
    assert page.get("/room/BBBBB/state", x_room_token="t" * 32).told["sentence"].startswith("No room with this code")


def test_what_is_typed_as_a_code_is_text(world: World) -> None:
    body = Page(world).get("/room?code=%3Cscript%3E").body.decode()
    assert "<script>" not in body


def test_after_a_restart_the_leaders_page_opens_the_room_where_it_was(world: World, desk: Desk) -> None:
    page = world.page()
    desk.act("vote1")
    ballot = vote(page, "C").told["ballot"]
    remembered = desk.look()["memory"]
    world.restart()
    assert page.get(f"/room/{CODE}/state").status == 404
    assert desk.post(f"/room/{CODE}/open", {"memory": remembered}).told == {"code": CODE}
    state = page.get(f"/room/{CODE}/state").told
    assert (state["phase"], state["ballot"], state["mine"]) == ("vote1", ballot, None)
    vote(page, "C", ballot)
    assert desk.look()["answered"] == 1
    assert desk.post(f"/room/{CODE}/open", {"memory": {"lesson": 1}}).told == {"code": CODE}, "it is open already"
    assert desk.look()["phase"] == "vote1"


def test_a_memory_that_cannot_be_opens_nothing(world: World, desk: Desk) -> None:
    world.restart()
    for remembered in ({"phase": "vote1"}, 7, "x" * 100):
        assert desk.post(f"/room/{CODE}/open", {"memory": remembered}).status == 400
    assert desk.post(f"/room/{CODE}/open", {"memory": "x" * 2_000}).status == 413
    assert desk.post("/room/open", {}).status == 200


def test_a_room_has_the_letter_of_its_replica() -> None:
    world = World(Clock(), letter="C")
    desk = Desk(world)
    assert desk.code == code_of(SECRET, "C")
    assert desk.code.startswith("C")
    elsewhere = desk.post(f"/room/{code_of(SECRET, 'B')}/open", {})
    assert (elsewhere.status, elsewhere.told["reason"]) == (421, "elsewhere")


def test_a_room_ends_by_itself_after_its_leaders_last_act(world: World, desk: Desk) -> None:
    page = world.page()
    world.clock.now_s += IDLE_S - 1
    desk.act("vote1")
    world.clock.now_s += IDLE_S - 1
    assert vote(page, "A").status == 200
    world.clock.now_s += 2
    assert page.get(f"/room/{CODE}/state").status == 404


def test_an_ended_room_says_so_for_a_while_and_its_votes_never_come_again(world: World, desk: Desk) -> None:
    page = world.page()
    desk.act("vote1")
    ballot = page.get(f"/room/{CODE}/state").told["ballot"]
    desk.act("end")
    assert page.get(f"/room/{CODE}/state").told["phase"] == "over"
    world.clock.now_s += OVER_S + 1
    assert page.get(f"/room/{CODE}/state").status == 404
    Desk(world).act("vote1")
    assert page.get(f"/room/{CODE}/state").told["ballot"] != ballot


def test_a_room_has_200_places_which_those_who_left_give_up(world: World, desk: Desk) -> None:
    def asks(number: int) -> int:
        return Page(world).get(f"/room/{CODE}/state", x_room_token=f"{number:032d}").status

    assert {asks(number) for number in range(MOST_PEOPLE)} == {200}
    assert asks(MOST_PEOPLE) == 503
    assert asks(0) == 200
    world.clock.now_s += AWAY_S + 1
    assert asks(MOST_PEOPLE) == 200


def test_a_server_has_50_rooms_and_an_address_cannot_open_them_all_at_once(world: World) -> None:
    def opens(number: int) -> int:
        return Page(world).post("/room/open", {}, x_room_secret=f"{number:032d}").status

    assert [opens(number) for number in range(int(ROOM_OPENINGS.burst) + 1)] == [200] * 20 + [429]
    world.clock.now_s += (MOST_ROOMS - ROOM_OPENINGS.burst) / ROOM_OPENINGS.rate_per_s
    rest = [opens(number) for number in range(20, 40)]
    world.clock.now_s += 1_300
    rest += [opens(number) for number in range(40, MOST_ROOMS + 1)]
    assert rest == [200] * 30 + [503]


def test_a_class_behind_one_address_votes_and_changes_its_mind(world: World, desk: Desk) -> None:
    desk.act("vote1")
    ballot = str(desk.state["ballot"])
    assert UPLOADS.burst < MOST_PEOPLE
    for letter in "ABC":
        for number in range(MOST_PEOPLE):
            told = {"ballot": ballot, "letter": letter}
            mark = f"{number:032d}"
            assert Page(world).post(f"/room/{CODE}/vote", told, x_room_token=mark).status == 200
    assert desk.look()["counts"]["first"]["people"]["C"] == MOST_PEOPLE  # type: ignore[index]


def test_the_projectors_page_has_the_code_and_an_address_but_no_secret(world: World, desk: Desk) -> None:
    screen = Page(world).get(f"/room/{CODE}/screen").body.decode()
    assert f"{HOST}/room" in screen
    assert CODE in screen
    drawn = Page(world).get(f"/room/{CODE}/qr.svg")
    assert (drawn.headers["content-type"], drawn.body[:5]) == ("image/svg+xml", b"<svg ")
    seen = json.dumps(Page(world).get(f"/room/{CODE}/screen/state").told)
    assert SECRET not in screen + seen + json.dumps(desk.look())


def test_files_may_be_kept_for_ever_under_the_address_of_their_build(world: World) -> None:
    page = Page(world)
    build = page.get("/room").body.decode().split("files/")[1].split("/")[0]
    assert "immutable" in page.get(f"/room/files/{build}/room.css").headers["cache-control"]
    assert page.get("/room/files/older/room.css").headers["cache-control"] == "no-store"
    assert page.get(f"/room/files/{build}/en.json").status == 404
    assert page.get(f"/room/files/{build}/../routes.py").status == 404


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    with caplog.at_level(logging.DEBUG):
        yield caplog


def test_no_line_of_the_log_has_a_token_a_secret_or_a_vote(world: World, log: pytest.LogCaptureFixture) -> None:
    desk = Desk(world)
    page = world.page()
    desk.act("vote1")
    vote(page, "A")
    vote(page, "Z")
    desk.act("end")
    lines = [record.getMessage() for record in log.records if record.name.startswith("vmapdemo")]
    assert lines == ["A room was opened.", "A room was ended."]
