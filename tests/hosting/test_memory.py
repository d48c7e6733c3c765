import asyncio

from vmapdemo.hosting.memory import ROOM_BYTES, Ceiling, below

CEILING = 500_000_000


class _Process:
    """A process of a given size, which dropping brings down to another."""

    def __init__(self, size: int | None, left: int, *, may_drop: bool = True) -> None:
        self.size, self.left, self.may_drop, self.drops = size, left, may_drop, 0

    def forget(self) -> bool:
        self.drops += self.may_drop
        if self.may_drop:
            self.size = self.left
        return self.may_drop

    def ceiling(self) -> Ceiling:
        return Ceiling(CEILING, lambda: self.size, self.forget)


def test_below_the_ceiling_nothing_is_dropped() -> None:
    for size in (CEILING, None):
        process = _Process(size, 0)
        process.ceiling().look()
        assert process.drops == 0


def test_beyond_it_programs_are_dropped_each_time() -> None:
    process = _Process(CEILING + 1, CEILING // 2)
    ceiling = process.ceiling()
    for _ in range(3):
        process.size = CEILING + 1
        ceiling.look()
    assert process.drops == 3


def test_a_look_that_finds_no_quiet_moment_is_followed_by_another() -> None:
    process = _Process(CEILING + 1, CEILING // 2, may_drop=False)
    ceiling = process.ceiling()
    ceiling.look()
    process.may_drop = True
    ceiling.look()
    assert process.drops == 1


def test_a_process_that_is_large_for_something_else_does_not_drop_all_the_time() -> None:
    process = _Process(CEILING + 1, CEILING + 1)
    ceiling = process.ceiling()
    for _ in range(5):
        ceiling.look()
    assert process.drops == 1
    process.size = CEILING + 1 + ROOM_BYTES + 1
    ceiling.look()
    assert process.drops == 2


def test_it_looks_until_the_block_ends() -> None:
    process = _Process(CEILING + 1, CEILING // 2)

    async def run() -> None:
        async with below(process.ceiling(), every_s=0.001):
            while not process.drops:
                await asyncio.sleep(0.001)

    asyncio.run(run())
    assert process.drops == 1
