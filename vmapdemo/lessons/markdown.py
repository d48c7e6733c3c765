"""A lesson as one page of Markdown for a course site: the answers are folded away, the links open the app."""

from vmapdemo.export import IMPORTS
from vmapdemo.lessons.records import Lesson, Question

APP = "http://localhost:8501/"


def page(lesson: Lesson, twin_why: str, app: str = APP) -> str:
    """The whole lesson as text. ``app`` is the address under which the site's readers have the app."""
    hints = ("A hint", *["Another hint"] * len(lesson.exercise.hints))
    parts = [
        f"# {lesson.title}",
        lesson.idea,
        _question(lesson.question, lesson.why, app),
        "## Try",
        lesson.exercise.task,
        f"[Begin here]({app}?view=learn&lesson={lesson.name}&part=try), where it can be checked too.",
        *(_folded(title, hint) for title, hint in zip(hints, lesson.exercise.hints, strict=False)),
        "## Once more",
        _question(lesson.twin, twin_why, app),
    ]
    return "\n\n".join(parts) + "\n"


def _question(question: Question, why: str, app: str) -> str:
    options = "\n\n".join(f"**{option.letter}**\n\n{_text(option.text)}" for option in question.options)
    replies = "\n\n".join(f"**{option.letter}**: {option.reply}" for option in question.options if not option.is_right)
    right = f"It is **{question.right.letter}**. {why}"
    code = f"```python\n{IMPORTS}\n\n{question.data}\n\n{question.code}\n```"
    link = f"[See it in the app]({app}?{question.link})"
    return "\n\n".join([code, question.prompt, options, _folded("The answer", f"{right}\n\n{replies}\n\n{link}")])


def _text(text: str) -> str:
    """Numbers as code; a sentence as it is."""
    return f"```\n{text}\n```" if text[0] in "[(-0123456789" else text


def _folded(title: str, text: str) -> str:
    return f"<details><summary>{title}</summary>\n\n{text}\n\n</details>"
