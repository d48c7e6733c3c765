"""What a page, a room or a file needs of a lesson: plain records, made once when the lessons are loaded."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Option:
    """One answer to choose. ``idea`` is the short name of the wrong idea that expects it, None for the right one.

    ``text`` is what the answer reads like, an array as rows of numbers; ``reply`` is told after the choice. For a
    leader ``label`` says in a few words what its holder believes, and ``ask`` is a question to put to him.
    """

    letter: str
    text: str
    idea: str | None
    reply: str
    label: str = ""
    ask: str = ""

    @property
    def is_right(self) -> bool:
        """Whether this is what really happens."""
        return self.idea is None


@dataclass(frozen=True, slots=True)
class Question:
    """A call whose result is asked for before it is shown. ``data`` and ``code`` are Python, ``link`` opens the call.

    Exactly one of the options is right; ``name`` is stable, and no other question of the course has it.
    """

    name: str
    data: str
    code: str
    prompt: str
    options: tuple[Option, ...]
    link: str

    @property
    def right(self) -> Option:
        """The option that is right."""
        return next(option for option in self.options if option.is_right)


@dataclass(frozen=True, slots=True)
class Exercise:
    """Something to do on the live page: the task in words, where it starts, and hints from slight to plain."""

    task: str
    link: str
    hints: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lesson:
    """An idea in two sentences, a question on it, why its answer is so, an exercise, and the question's twin.

    ``in_hour`` says that it belongs to the eight that fit into an hour.
    """

    name: str
    title: str
    idea: str
    question: Question
    why: str
    exercise: Exercise
    twin: Question
    in_hour: bool
