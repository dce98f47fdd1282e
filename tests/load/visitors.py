"""People in front of a server: whole check-ins, or the last step alone, and how long each takes."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from time import perf_counter, process_time

from tests.databases import PostgreSQLServer
from tests.load.browser import Answer, Browser
from tests.load.house import PASSWORD, SHEET, House, SignedIn
from tests.load.servers import Running, database_cpu_seconds

STEPS = (
    "sign-in page",
    "password",
    "front page",
    "start page",
    "questions 1–10",
    "questions 11–20",
    "questions 21–30",
    "send, and the result",
)
# A process may have so many files open, and a connection is one.
_MOST_AT_ONCE = 800
RECEIPT = 'class="code receipt"'
Visit = Callable[["Measured"], Awaitable[None]]


@dataclass
class Measured:
    """What a run took; `seconds` by step, `server`, `database` and `visitors` processor time."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    finished: int = 0
    gave_up: int = 0
    wall: float = 0.0
    server: float = 0.0
    database: float = 0.0
    visitors: float = 0.0

    def note(self, step: str, began: float) -> None:
        """One answer has come."""
        self.seconds.setdefault(step, []).append(perf_counter() - began)

    def add(self, other: "Measured") -> None:
        """Takes another run of the same kind in."""
        for step, seconds in other.seconds.items():
            self.seconds.setdefault(step, []).extend(seconds)
        for name in ("finished", "gave_up", "wall", "server", "database", "visitors"):
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def milliseconds(self, share: float, step: str) -> float:
        """The quantile of a step."""
        taken = sorted(self.seconds[step])
        return 1000 * taken[min(int(share * len(taken)), len(taken) - 1)]

    @property
    def per_second(self) -> float:
        """How many were done in a second."""
        return self.finished / self.wall

    @property
    def server_milliseconds(self) -> float:
        """Processor time of the web server for each that was done."""
        return 1000 * self.server / self.finished


async def check_in(house: House, port: int, email: str, measured: Measured) -> None:
    """One person's whole visit, from the sign-in page to the receipt."""
    browser = Browser(port)
    step = iter(STEPS)

    async def see(asked: Awaitable[Answer], status: int = 200) -> dict[str, str]:
        began = perf_counter()
        answer = await asked
        name = next(step)
        measured.note(name, began)
        if answer.status != status:
            raise AssertionError(f"{name}: {answer.status} {answer.html[:400]}")
        if name == STEPS[-1] and RECEIPT not in answer.html:
            raise AssertionError("no receipt was shown")
        return answer.fields

    fields = await see(browser.get("/sign-in"))
    who = {"email": email, "password": PASSWORD}
    await see(browser.post("/sign-in", {**fields, **who}), 302)
    await see(browser.get("/"))
    fields = await see(browser.get(house.path))
    fields = await see(browser.post(house.path, fields))
    given: dict[str, str] = {}
    for page in (1, 2, 3):
        given |= {f"item{n}": SHEET[f"item{n}"] for n in range(10 * page - 9, 10 * page + 1)}
        wish = {"go": "send" if page == 3 else "next", "step": str(page)}
        fields = await see(browser.post(house.path, {**fields, **given, **wish}))
    await browser.close()
    measured.finished += 1


def visits(house: House, port: int, emails: Sequence[str]) -> Iterator[Visit]:
    """A visit of each of these people."""
    for email in emails:

        async def visit(measured: Measured, email: str = email) -> None:
            await check_in(house, port, email, measured)

        yield visit


def submits(path: str, running: Running, signed_in: Sequence[SignedIn]) -> Iterator[bytes]:
    """The last step of each of these people, as it goes over the wire."""
    for one in signed_in:
        yield Browser(running.port, dict(one.cookies)).write("POST", path, one.form)


def run_visits(
    running: Running,
    visits: Iterator[Visit],
    *,
    clients: int,
    seconds: float,
    database: PostgreSQLServer | None,
) -> Measured:
    """So many visitors at once, each followed by the next, until time or people run out."""

    async def client(measured: Measured, until: float) -> None:
        while perf_counter() < until and (visit := next(visits, None)) is not None:
            await visit(measured)

    async def all_clients(measured: Measured) -> None:
        until = perf_counter() + seconds
        await asyncio.gather(*(client(measured, until) for _ in range(clients)))

    return _measure(running, database, all_clients)


def run_arrivals(
    running: Running, visits: Sequence[Visit], *, seconds: float, database: PostgreSQLServer | None
) -> Measured:
    """People who come evenly over a time, however long those before them take.

    Whoever gets no answer, or has not finished after half the time more, gives up and is counted.
    """

    async def arrive(visit: Visit, measured: Measured, at: float, room: asyncio.Semaphore) -> None:
        await asyncio.sleep(max(0.0, at - perf_counter()))
        async with room:
            try:
                await visit(measured)
            except (OSError, TimeoutError, asyncio.IncompleteReadError):
                measured.gave_up += 1

    async def everybody(measured: Measured) -> None:
        start, apart, room = perf_counter(), seconds / len(visits), asyncio.Semaphore(_MOST_AT_ONCE)
        coming = [
            asyncio.create_task(arrive(visit, measured, start + n * apart, room))
            for n, visit in enumerate(visits)
        ]
        done, late = await asyncio.wait(coming, timeout=1.5 * seconds + 30)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        measured.gave_up += len(late)
        for task in done:
            task.result()

    return _measure(running, database, everybody)


def run_submits(
    running: Running,
    requests: Sequence[bytes],
    *,
    clients: int,
    database: PostgreSQLServer | None,
) -> Measured:
    """All these requests, so many at once, each client on a connection of its own."""
    waiting = iter(requests)

    async def client(measured: Measured) -> None:
        browser = Browser(running.port)
        for request in waiting:
            began = perf_counter()
            answer = await browser.send(request)
            measured.note("submit", began)
            if answer.status != 200 or RECEIPT not in answer.html:
                raise AssertionError(f"not stored: {answer.status} {answer.html[:400]}")
            measured.finished += 1
        await browser.close()

    async def all_clients(measured: Measured) -> None:
        await asyncio.gather(*(client(measured) for _ in range(clients)))

    return _measure(running, database, all_clients)


def _measure(
    running: Running,
    database: PostgreSQLServer | None,
    run: Callable[[Measured], Awaitable[None]],
) -> Measured:
    measured = Measured()
    server, stored = running.cpu_seconds(), database_cpu_seconds(database)
    own, start = process_time(), perf_counter()

    async def main() -> None:
        await run(measured)

    asyncio.run(main())
    measured.wall, measured.visitors = perf_counter() - start, process_time() - own
    measured.server = running.cpu_seconds() - server
    measured.database = database_cpu_seconds(database) - stored
    return measured
