"""A small course: two lessons with genuine calls, and rooms that stand on it."""

from vmapdemo.lessons.records import Exercise, Lesson, Option, Question

M = "M = [[1, 2, 3],\n     [4, 5, 6]]"


def _question(name: str, data: str, code: str, right: str, *wrong: tuple[str, str, str]) -> Question:
    texts = [(right, None, "The mapped axis is walked along; what is left is added up."), *wrong]
    # The right one is not always the first.
    turned = texts[1:] + texts[:1] if len(name) % 2 else texts
    options = tuple(Option(letter, *option) for letter, option in zip("ABCD", turned, strict=True))
    return Question(name, data, code, "Which result does this call give?", options, f"preset=vmap&asked={name}")


WHICH_AXIS = Lesson(
    "which-axis",
    "Which axis",
    "in_axes names the axis that is walked along. It is gone inside the function.",
    _question(
        "which-axis",
        M,
        "jax.vmap(total, in_axes=1)(M)",
        "[5, 7, 9]",
        ("[6, 15]", "in_axes is the axis that is added up", "That is in_axes=0: each row is an example."),
        ("[[5, 7, 9]]", "the mapped axis stays", "The mapped axis is gone inside: nothing keeps it."),
        ("fails: 2 and 3 differ", "all axes have to agree", "Only the mapped axes of several arguments have to agree."),
    ),
    "Axis 1 of M has three examples, each a column; total adds up a column.",
    Exercise("Give one total for each of the 4 columns of a (3, 4, 2) array.", "preset=vmap", ("Look at the shapes.",)),
    _question(
        "which-axis-twin",
        "N = [[1, 1],\n     [2, 2],\n     [3, 3]]",
        "jax.vmap(total, in_axes=1)(N)",
        "[6, 6]",
        ("[2, 4, 6]", "in_axes is the axis that is added up", "That is in_axes=0."),
        ("[[6, 6]]", "the mapped axis stays", "The mapped axis is gone inside."),
        ("fails: 3 and 2 differ", "all axes have to agree", "There is one argument only."),
    ),
    in_hour=True,
)

IN_STEP = Lesson(
    "in-step",
    "Arguments walk in step",
    "Two mapped arguments are walked along together, like zip.",
    _question(
        "in-step",
        "X = [[1, 0, 2],\n     [0, 1, 1]]\nW = [[1, 2, 3],\n     [4, 5, 6]]",
        "jax.vmap(jnp.dot)(X, W)",
        "[7, 11]",
        ("[[7, 16],\n [5, 11]]", "every pair", "Every pair takes two vmaps."),
        ("[7, 5]", "the second argument stands still", "That is in_axes=(0, None) with the first row of W."),
        ("18", "everything at once", "That is one dot of all numbers."),
    ),
    "Row 0 meets row 0, and row 1 meets row 1.",
    Exercise("W arrives transposed: make the call run and give the same scores.", "preset=vmap", ("Try (0, 1).",)),
    _question(
        "in-step-two",
        "X = [[1, 1],\n     [2, 2]]\nW = [[1, 0],\n     [0, 3]]",
        "jax.vmap(jnp.dot)(X, W)",
        "[1, 6]",
        ("[[1, 3],\n [2, 6]]", "every pair", "Every pair takes two vmaps."),
        ("[1, 2]", "the second argument stands still", "That is in_axes=(0, None)."),
        ("7", "everything at once", "That is one dot of all numbers."),
    ),
    in_hour=False,
)

COURSE = (WHICH_AXIS, IN_STEP)
