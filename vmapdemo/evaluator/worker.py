"""The evaluating process: ``python -m vmapdemo.evaluator.worker`` answers until its input ends.

It reads pickled pairs of a number and a question, and writes pickled triples of the number, the answer and the error,
one of which is None. Short questions, long ones and the gallery are answered by a thread each, so that nobody waits for
seconds behind somebody else's large scenario. The parent is this project's own server, and nothing else can write to
the pipe.
"""

import os
import pickle
import queue
import sys
import threading
from typing import Any, BinaryIO

import jax

from vmapdemo.compiled import forget_programs, resident_bytes
from vmapdemo.evaluator.questions import PACES, Question

MOST_BYTES = 330_000_000
"""Beyond it all compiled programs are dropped; a process that stays beyond it ends, and is started again when asked."""

SWITCH_S = 1e-3
"""How soon one thread lets the other go on: a short question then waits for a fraction of its time."""

Asked = tuple[int, Question]


class Answers:
    """Writes answers, one at a time."""

    def __init__(self, output: BinaryIO) -> None:
        self._output, self._lock = output, threading.Lock()

    def send(self, number: int, answer: Any, error: str | None) -> None:
        """Write one; the parent may be gone, and then this process ends too."""
        with self._lock:
            pickle.dump((number, answer, error), self._output)
            self._output.flush()


def main() -> None:
    """Answer what stands in the input."""
    output = _own_output()
    jax.config.update("jax_traceback_filtering", "off")
    sys.setswitchinterval(SWITCH_S)
    answers = Answers(output)
    queues: dict[str, queue.SimpleQueue[Asked]] = {pace: queue.SimpleQueue() for pace in PACES}
    for asked in queues.values():
        threading.Thread(target=_work, args=(asked, answers), daemon=True).start()
    while (next_one := _read()) is not None:
        queues[next_one[1].pace].put(next_one)
    os._exit(0)  # also in the middle of a long answer: nobody waits for it


def _own_output() -> BinaryIO:
    """The pipe to the parent; whatever is printed goes to the error stream instead."""
    output = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return output


def _read() -> Asked | None:
    try:
        asked: Asked = pickle.load(sys.stdin.buffer)
    except EOFError:
        return None
    return asked


def _work(asked: queue.SimpleQueue[Asked], answers: Answers) -> None:
    while True:
        number, question = asked.get()
        try:
            answer, error = question.answer(), None
        except Exception as raised:  # the page is told, and goes on
            answer, error = None, f"{type(raised).__name__}: {raised}"
        try:
            answers.send(number, answer, error)
        except OSError:
            os._exit(0)
        _keep_small()


def _keep_small() -> None:
    if (resident_bytes() or 0) > MOST_BYTES and forget_programs() and (resident_bytes() or 0) > MOST_BYTES:
        os._exit(0)


if __name__ == "__main__":
    main()
