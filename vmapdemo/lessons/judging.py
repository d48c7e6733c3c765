"""Whether an exercise is done, and in a sentence what differs if not."""

from dataclasses import dataclass

from vmapdemo.compiled import using_programs
from vmapdemo.lessons.conditions import CONDITIONS
from vmapdemo.lessons.task import Complaint, Task
from vmapdemo.lessons.words import Words
from vmapdemo.scenario.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Judged:
    """``sentence`` says what differs first, with both numbers, or that nothing does."""

    done: bool
    sentence: str


@using_programs
def judge(task: Task, made: Scenario, words: Words) -> Judged:
    """What somebody made of an exercise. InputError where the file asks for what cannot be judged."""
    for name, condition in CONDITIONS.items():
        if name in task.judged:
            complaint = condition(task, made, task.judged[name])
            if complaint is not None:
                return Judged(False, _told(complaint, words))
    return Judged(True, words.say("done-on-other-data" if "loop" in task.judged else "done"))


def _told(complaint: Complaint, words: Words) -> str:
    parts = {
        name: _told(part, words) if isinstance(part, Complaint) else part for name, part in complaint.parts.items()
    }
    return words.say(f"not-{complaint.name}", **parts)
