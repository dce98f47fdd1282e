"""A browser that costs little: one connection kept open, cookies, and the tokens of forms."""

import asyncio
import re
from dataclasses import dataclass, field
from urllib.parse import urlencode

_TOKEN = re.compile(r'name="(csrf_token|form_id|mark|step)"[^>]* value="([^"]*)"')
_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered."""

    status: int
    location: str
    html: str

    @property
    def fields(self) -> dict[str, str]:
        """The hidden fields that a form of this page sends back."""
        return dict(_TOKEN.findall(self.html))


@dataclass
class Browser:
    """Talks HTTP/1.1 to one port of this machine; never two requests at once."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    _streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def get(self, path: str) -> Answer:
        """One page."""
        return await self.send(self.write("GET", path))

    async def post(self, path: str, fields: dict[str, str]) -> Answer:
        """One form."""
        return await self.send(self.write("POST", path, fields))

    def write(self, method: str, path: str, fields: dict[str, str] | None = None) -> bytes:
        """A request as it goes over the wire."""
        body = urlencode(fields).encode() if fields is not None else b""
        lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}"]
        if self.cookies:
            lines.append("Cookie: " + "; ".join(f"{k}={v}" for k, v in self.cookies.items()))
        if fields is not None:
            lines += [
                "Content-Type: application/x-www-form-urlencoded",
                f"Content-Length: {len(body)}",
            ]
        return "\r\n".join([*lines, "", ""]).encode() + body

    async def send(self, request: bytes) -> Answer:
        """Sends it, on a new connection where the server has closed the old one."""
        kept = self._streams
        try:
            return await asyncio.wait_for(self._exchange(request), _SECONDS)
        except (ConnectionError, asyncio.IncompleteReadError):
            await self.close()
            if kept is None:
                raise
        return await asyncio.wait_for(self._exchange(request), _SECONDS)

    async def close(self) -> None:
        """Hangs up."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def _exchange(self, request: bytes) -> Answer:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self.port)
        reader, writer = self._streams
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers: dict[str, str] = {}
        for line in head[1:-2]:
            name, _, value = line.partition(": ")
            if name.lower() == "set-cookie":
                cookie, _, kept = value.partition(";")[0].partition("=")
                self.cookies[cookie] = kept
            headers[name.lower()] = value
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        if headers.get("connection", "").lower() == "close":
            await self.close()
        return Answer(int(head[0].split()[1]), headers.get("location", ""), body.decode())
