"""The state machine, along random walks that a ledger of the test's own keeps account of."""

import json
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.room.course import COURSE, WHICH_AXIS
from vmapdemo.room import memory, sheet, sights
from vmapdemo.room.acts import (
    BACK,
    BLANK,
    END,
    LESSON,
    NEXT_LESSON,
    OPENS,
    REHEARSE,
    SHOW_FEW,
    STEPS,
    STOP_REHEARSING,
    Act,
    Ballot,
    Flag,
    Phase,
    RefusedError,
    Vote,
)
from vmapdemo.room.counts import UNSURE, Counts, Moves, advice
from vmapdemo.room.room import Room

ACTS = (*Phase, NEXT_LESSON, LESSON, BACK, END, REHEARSE, STOP_REHEARSING, SHOW_FEW, BLANK, "nonsense")
WALKS, STEPS_A_WALK = 60, 150
RIGHT = WHICH_AXIS.question.right.letter
WRONG = next(option.letter for option in WHICH_AXIS.question.options if not option.is_right)


def led(room: Room, *names: str) -> Room:
    for name in names:
        room = room.after(Act(name))
    return room


def voted(room: Room, letters: dict[str, str]) -> Room:
    for token, letter in letters.items():
        room = room.after(Vote(token, str(room.ballot), letter))
    return room


def at_answer(first: dict[str, str], second: dict[str, str]) -> Room:
    room = voted(led(Room(COURSE), Phase.VOTE1), first)
    return led(voted(led(room, Phase.CLOSED, Phase.TALK, Phase.VOTE2), second), Phase.BARS, Phase.ANSWER)


@dataclass
class Ledger:
    """Every vote that was accepted, by the name of its ballot."""

    cast: dict[str, dict[str, str]] = field(default_factory=dict)

    def open(self, room: Room, *, is_again: bool) -> None:
        """A vote begins empty; one that is open again has at most what was in it."""
        found = {token: letter for token, letter in room.voted.items() if not token.startswith("pretend")}
        known = self.cast.get(str(room.ballot), {})
        assert found.items() <= (known.items() if is_again else {}.items())
        self.cast[str(room.ballot)] = found

    def check(self, room: Room) -> None:
        for ballot, counts in room.counts.items():
            if not room.is_rehearsal:
                accepted = self.cast.get(f"{room.run}.{ballot}", {})
                assert dict(Counter(accepted.values())) == {one: n for one, n in counts.people.items() if n}
                assert counts.total == len(accepted), "nobody is counted twice"
        if room.moves:
            twice = set(self.cast.get(f"{room.run}.first", {})) & set(self.cast.get(f"{room.run}.second", {}))
            pretended = 40 if room.is_rehearsal else 0
            moves = room.moves
            total = moves.right_right + moves.wrong_right + moves.right_wrong + moves.wrong_wrong
            assert total == len(twice) + pretended


def words(value: Any) -> Iterator[str]:
    """All keys of a JSON value, at any depth."""
    if isinstance(value, dict):
        yield from value
        for inner in value.values():
            yield from words(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from words(inner)


def check_sights(room: Room, tokens: list[str]) -> None:
    seen_by = {
        "screen": sights.screen(room, tokens),
        "participant": sights.participant(room, tokens[0]),
        "desk": sights.desk(room, tokens),
    }
    text = {page: json.dumps(sight) for page, sight in seen_by.items()}
    lesson = room.lesson
    for page in ("screen", "participant"):
        names = set(words(seen_by[page]))
        assert not names & {"share", "advice", "moves", "counts", "key", "idea", "memory", "flags", "taken"}
        assert ("bars" in names) == (room.phase in (Phase.BARS, Phase.ANSWER, Phase.TWIN_ANSWER))
        is_told = room.phase in (Phase.ANSWER, Phase.TWIN_ANSWER)
        assert ("right" in names) == is_told
        assert (json.dumps(lesson.why) in text[page]) == is_told
        for option in (*lesson.question.options, *lesson.twin.options):
            assert json.dumps(option.idea) not in text[page] or option.idea is None
            assert is_told or json.dumps(option.reply) not in text[page]
    assert "mine" not in seen_by["screen"]
    for sight in (*text.values(), json.dumps(memory.of(room)), sheet.csv_of(room)):
        assert not any(token in sight for token in tokens)


def check_kept(room: Room) -> None:
    """Who voted what is there only for as long as it can change or be compared."""
    is_compared = room.phase in (Phase.CLOSED, Phase.HINT, Phase.TALK)
    assert room.phase in OPENS or is_compared or not any(room.votes.values())
    assert room.phase is Phase.TRY or not room.flags


@pytest.mark.parametrize("walk", range(WALKS))
def test_along_a_random_walk_votes_are_counted_once_and_nothing_hidden_is_told(walk: int) -> None:
    seed = 7_919 * walk + 5
    print(f"seed {seed}")
    chance = random.Random(seed)
    tokens = [f"person-{number:02d}-{'x' * 16}" for number in range(chance.choice([1, 2, 5, 12]))]
    room, ledger = Room(COURSE), Ledger()
    for _ in range(STEPS_A_WALK):
        before, written = room, repr(room)
        legal, ballot = room.legal, room.ballot
        act = _drawn(chance, room, tokens)
        try:
            room = room.after(act)
        except RefusedError:
            assert not isinstance(act, Act) or act.name not in legal or act.name == LESSON
        else:
            assert not isinstance(act, Act) or act.name in legal
            assert room.version == before.version + isinstance(act, Act)
            if isinstance(act, Vote):
                assert act.ballot == ballot
                ledger.cast.setdefault(act.ballot, {})[act.token] = act.letter
            elif room.ballot and room.ballot != before.ballot:
                ledger.open(room, is_again=act == Act(BACK))
        assert repr(before) == written, "what was there has been changed"
        ledger.check(room)
        check_sights(room, tokens)
        check_kept(room)


def _drawn(chance: random.Random, room: Room, tokens: list[str]) -> Act | Vote | Flag:
    kind = chance.random()
    if kind < 0.6:
        ballot = room.ballot if chance.random() < 0.8 and room.ballot else f"{room.run}.{chance.choice(list(Ballot))}"
        return Vote(chance.choice(tokens), ballot, chance.choice("ABCDE"))
    if kind < 0.65:
        return Flag(chance.choice(tokens), room.run - chance.choice([0, 0, 1]), chance.choice(["done", "stuck", None]))
    if kind < 0.9 and room.steps:
        return Act(chance.choice(room.steps))
    name = chance.choice(ACTS)
    if name == END and chance.random() < 0.9:
        name = BACK
    return Act(name, chance.choice([None, -1, 0, 1, 2]) if name == LESSON else None)


def test_the_usual_way_leads_through_a_lesson_to_the_next() -> None:
    room, seen = Room(COURSE), [Phase.LOBBY]
    while room.place == 0 or room.phase is not Phase.VOTE1:
        room = led(room, room.steps[0])
        seen.append(room.phase)
    assert seen == [
        Phase.LOBBY,
        Phase.VOTE1,
        Phase.CLOSED,
        Phase.TALK,
        Phase.VOTE2,
        Phase.BARS,
        Phase.ANSWER,
        Phase.TWIN,
        Phase.TWIN_ANSWER,
        Phase.TRY,
        Phase.VOTE1,
    ]
    assert all(STEPS[phase] for phase in Phase if phase is not Phase.OVER)


def test_a_vote_can_be_changed_until_it_is_closed_and_sending_it_twice_is_one_vote() -> None:
    room = led(Room(COURSE), Phase.VOTE1)
    vote = Vote("one", str(room.ballot), "A")
    once = room.after(vote)
    assert once.after(vote) == once
    changed = once.after(Vote("one", str(room.ballot), "B"))
    assert led(changed, Phase.CLOSED).counts[Ballot.FIRST].people == {"A": 0, "B": 1, "C": 0, "D": 0, "?": 0}


@pytest.mark.parametrize("phase", [phase for phase in Phase if phase not in OPENS])
def test_where_no_vote_is_open_none_is_taken(phase: Phase) -> None:
    with pytest.raises(RefusedError) as refused:
        Room(COURSE, phase=phase).after(Vote("one", "0.first", "A"))
    assert refused.value.reason == "closed"


def test_a_vote_for_another_round_or_answer_is_refused() -> None:
    room = led(Room(COURSE), Phase.VOTE1)
    late = str(room.ballot)
    room = led(room, Phase.CLOSED, Phase.TALK, Phase.VOTE2)
    for vote, reason in ((Vote("one", late, "A"), "other-vote"), (Vote("one", str(room.ballot), "E"), "no-option")):
        with pytest.raises(RefusedError) as refused:
            room.after(vote)
        assert refused.value.reason == reason


def test_the_same_lesson_begun_again_is_another_vote() -> None:
    first = led(Room(COURSE), Phase.VOTE1)
    again = first.after(Act(LESSON, 0))
    assert first.ballot != again.ballot


def test_who_changed_are_four_counts_of_those_who_voted_twice() -> None:
    first = {"a": RIGHT, "b": WRONG, "c": RIGHT, "d": WRONG, "only first": RIGHT}
    second = {"a": RIGHT, "b": RIGHT, "c": WRONG, "d": WRONG, "late": RIGHT}
    room = at_answer(first, second)
    assert room.moves == Moves(1, 1, 1, 1)
    assert (room.counts[Ballot.FIRST].total, room.counts[Ballot.SECOND].total) == (5, 5)
    assert not any(room.votes.values())


def test_few_votes_are_no_bars_unless_the_leader_shows_them() -> None:
    room = at_answer({"a": RIGHT, "b": WRONG}, {"a": RIGHT, "b": RIGHT})
    sight = sights.screen(room, [])
    assert [bars["people"] for bars in sight["bars"].values()] == [None, None]
    assert sights.desk(room, [])["moves"] is None
    assert sheet.csv_of(room).count("\n") == 1
    shown = sights.screen(led(room, SHOW_FEW), [])
    assert shown["bars"]["first"]["people"][RIGHT] == 1
    assert SHOW_FEW not in led(room, SHOW_FEW).legal


@pytest.mark.parametrize(
    ("right", "of", "told"), [(0, 2, None), (1, 3, "hint"), (7, 20, "talk"), (14, 20, "talk"), (15, 20, "bars")]
)
def test_the_advice_follows_the_share_right(right: int, of: int, told: str | None) -> None:
    letters = {str(number): RIGHT if number < right else WRONG for number in range(of)}
    room = led(voted(led(Room(COURSE), Phase.VOTE1), letters), Phase.CLOSED)
    assert advice(Counts.of(WHICH_AXIS.question, letters), WHICH_AXIS.question) == told
    assert sights.desk(room, [])["advice"] == told
    assert room.steps[0] == (told or "talk")
    assert set(room.steps) == {"talk", "hint", "bars"}


def test_the_first_vote_can_be_shown_at_once() -> None:
    room = voted(led(Room(COURSE), Phase.VOTE1), dict.fromkeys("abc", RIGHT))
    room = led(room, Phase.CLOSED, Phase.BARS)
    assert list(sights.screen(room, [])["bars"]) == ["first"]
    assert not any(room.votes.values())


def test_back_from_a_closed_first_vote_opens_it_as_it_was() -> None:
    room = led(voted(led(Room(COURSE), Phase.VOTE1), {"a": "A"}), Phase.CLOSED)
    assert Ballot.FIRST not in led(room, BACK).counts
    assert led(room, BACK).voted == {"a": "A"}


def test_flags_are_counted_and_go_with_the_exercise() -> None:
    room = led(at_answer({}, {}), Phase.TRY)
    for token, flag in (("a", "stuck"), ("b", "done"), ("a", "done"), ("c", "stuck"), ("c", None)):
        room = room.after(Flag(token, room.run, flag))
    assert sights.desk(room, [])["flags"] == {"stuck": 0, "done": 2}
    assert sights.participant(room, "a")["flag"] == "done"
    assert not led(room, NEXT_LESSON).flags
    with pytest.raises(RefusedError):
        room.after(Flag("a", room.run + 1, "done"))


def test_not_to_know_is_an_answer_with_a_bar_of_its_own_and_is_never_right() -> None:
    letters = {"a": UNSURE, "b": UNSURE, "c": RIGHT}
    room = led(voted(led(Room(COURSE), Phase.VOTE1), letters), Phase.CLOSED)
    assert room.counts[Ballot.FIRST].people[UNSURE] == 2
    assert room.counts[Ballot.FIRST].share_right(WHICH_AXIS.question) == pytest.approx(1 / 3)
    assert sights.participant(room, "a")["question"]["options"][-1] == {"letter": UNSURE, "text": ""}


def test_a_rehearsal_has_ten_pretend_voters_for_each_idea_and_leaves_nothing() -> None:
    room = led(Room(COURSE), REHEARSE, Phase.VOTE1)
    assert sights.screen(room, [])["rehearsal"] is True
    assert [*room.so_far.people.values()] == [10, 10, 10, 10, 0]
    room = led(room, Phase.CLOSED, Phase.TALK, Phase.VOTE2, Phase.BARS, Phase.ANSWER, Phase.TRY, NEXT_LESSON)
    assert room.taken[0].counts[Ballot.SECOND].total == 40
    after = led(room, STOP_REHEARSING)
    assert (after.phase, after.taken, after.counts, after.is_rehearsal) == (Phase.LOBBY, (), {}, False)
    assert REHEARSE in after.legal


def test_only_the_lobby_can_become_a_rehearsal() -> None:
    assert REHEARSE not in led(Room(COURSE), Phase.VOTE1).legal


def test_blank_is_the_screens_alone_and_ends_with_the_next_act() -> None:
    room = led(Room(COURSE), Phase.VOTE1, BLANK)
    assert sights.screen(room, [])["blank"] is True
    assert "blank" not in sights.participant(room, "a")
    assert led(room, Phase.CLOSED).is_blank is False


def test_after_the_end_nothing_can_be_done_and_nothing_is_left() -> None:
    room = led(at_answer({"a": "A"}, {"a": "B"}), END)
    assert (room.legal, room.counts, room.taken, room.votes) == (frozenset(), {}, (), {})
    with pytest.raises(RefusedError):
        led(room, BACK)


def test_what_was_remembered_is_the_room_without_any_vote() -> None:
    people = dict.fromkeys("abcd", RIGHT)
    room = at_answer(people, people | {"e": WRONG})
    back = memory.room(COURSE, json.loads(json.dumps(memory.of(room))))
    assert (back.place, back.phase, back.run, back.counts, back.moves) == (
        room.place,
        room.phase,
        room.run,
        room.counts,
        room.moves,
    )
    assert back.version > room.version
    assert not back.votes


BROKEN: list[dict[str, Any]] = [
    {"lesson": 2},
    {"lesson": True},
    {"lesson": -1},
    {"phase": "nowhere"},
    {"run": "1"},
    {"version": 10**12},
    {"counts": {"first": {"A": 1}}},
    {"counts": {"first": {"A": -1, "B": 0, "C": 0, "D": 0}}},
    {"counts": {"third": {"A": 1, "B": 0, "C": 0, "D": 0}}},
    {"counts": []},
    {"moves": {"right_right": 1}},
    {"moves": [1, 2, 3, 4]},
]


@pytest.mark.parametrize("broken", BROKEN, ids=str)
def test_what_no_page_remembers_is_refused(broken: dict[str, Any]) -> None:
    told = memory.of(led(Room(COURSE), Phase.VOTE1)) | broken
    with pytest.raises(RefusedError):
        memory.room(COURSE, told)


@pytest.mark.parametrize("told", [7, "lobby", [], {"lesson": 0}])
def test_what_is_no_memory_is_refused(told: Any) -> None:
    with pytest.raises(RefusedError):
        memory.room(COURSE, told)


def test_the_sheet_has_a_line_for_each_option_and_move() -> None:
    people = dict.fromkeys("abc", RIGHT)
    room = led(at_answer(people, people), Phase.TRY, NEXT_LESSON)
    lines = sheet.csv_of(room).splitlines()
    assert lines[0] == "lesson,question,vote,answer,idea,people"
    assert f"which-axis,which-axis,first,{RIGHT},right,3" in lines
    assert "which-axis,which-axis,first > second,right > right,,3" in lines
    assert len(lines) == 1 + 5 + 5 + 4
