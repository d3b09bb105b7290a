"""A mixed load on a running service, the way a practice uses it, with a share of bad input.

    python scripts/load/mixed.py --base http://localhost:8000 --minutes 10 --pid $(pgrep -f 'notecoder serve')

Most calls code one note; some send a batch, read a result again, or decide on one; ``--bad`` of all calls are wrong in
one of the ways real callers are. At the end every accepted note must have its answer, nothing may have been answered
5xx, and the memory of the service (with ``--pid``: the process and its children) must not have grown. Prints one JSON
object; exit status 1 when something of that failed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import statistics
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

SENTENCES = (
    "Established patient for a skin check; no new medicines.",
    "Exam: {n} mm pearly papule on the {site}; scattered seborrheic keratoses on the trunk.",
    "Shave biopsy of the {site} papule after 1 cc of lidocaine with epinephrine, hemostasis with aluminum chloride.",
    "Three actinic keratoses of the scalp were treated with liquid nitrogen, two freeze-thaw cycles each.",
    "Punch biopsy, {n} mm, of the {site}; closed with one 5-0 nylon suture.",
    "Excision of the cyst on the {site}: lesion {n} mm, margins 2 mm, layered closure 3.1 cm.",
    "Triamcinolone 10 mg/mL, 0.2 mL injected into the keloid on the {site}.",
    "Counseled on sun protection; wound care was explained and a handout given.",
    "Impression: neoplasm of uncertain behavior; rule out basal cell carcinoma.",
)
SITES = ("left cheek", "right forearm", "nose", "upper back", "left ear", "right temple", "chest", "left shin")
CONTEXT = {"date_of_service": "2026-11-10", "payer": "medicare", "patient_status": "established"}


def note(words: int, chance: random.Random) -> str:
    """A note of about ``words`` words."""
    parts: list[str] = []
    while sum(len(part.split()) for part in parts) < words:
        parts.append(chance.choice(SENTENCES).format(n=chance.randint(2, 19), site=chance.choice(SITES)))
    return "\n".join(parts)


def bad_call(chance: random.Random) -> tuple[str, bytes, str]:
    """(path, body, content type) of a call that has to be refused."""
    return chance.choice(
        (
            ("/v1/notes:code", b"{", "application/json"),
            ("/v1/notes:code", json.dumps({"text": "", "context": CONTEXT}).encode(), "application/json"),
            ("/v1/notes:code", json.dumps({"text": "x"}).encode(), "application/json"),
            ("/v1/notes:code", json.dumps({"text": "x\0", "context": CONTEXT}).encode(), "application/json"),
            ("/v1/notes:code", b'{"text": "\\ud800", "context": {}}', "application/json"),
            ("/v1/notes:code", b"\xff\xfe\x00", "application/json"),
            ("/v1/notes:code", b"a=b", "application/x-www-form-urlencoded"),
            (
                "/v1/notes:code",
                json.dumps({"text": "x", "context": {"date_of_service": "1999-01-01"}}).encode(),
                "application/json",
            ),
            ("/v1/notes:code", json.dumps({"text": "y" * 1_000_001, "context": CONTEXT}).encode(), "application/json"),
            ("/fhir/$code-note", b'{"resourceType": "Patient"}', "application/fhir+json"),
            ("/v1/text:extract", b"%PDF-1.7 broken", "application/pdf"),
            ("/v1/results/nothing/decision", b"{}", "application/json"),
        )
    )


def tree_rss_mb(pid: int) -> float:
    """Resident memory of a process and all its descendants, shared pages counted once a process."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rsplit(") ", 1)[1].split()
            except (OSError, IndexError):
                continue
            parents.setdefault(int(fields[1]), []).append(int(entry.name))
    total, waiting = 0.0, [pid]
    while waiting:
        one = waiting.pop()
        waiting.extend(parents.get(one, []))
        try:
            total += int(Path(f"/proc/{one}/statm").read_text().split()[1]) * 4096 / 1e6
        except OSError:
            continue
    return total


class Load:
    """One run."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.statuses: Counter[int] = Counter()
        self.kinds: Counter[str] = Counter()
        self.times: list[float] = []
        self.results: list[str] = []
        self.jobs: list[tuple[str, int]] = []
        self.failures: list[str] = []
        self.memory: list[tuple[float, float]] = []
        self.end = time.monotonic() + options.minutes * 60
        self.notes: list[str] = []
        if options.notes:
            with open(options.notes, encoding="utf-8") as file:
                self.notes = [json.loads(line)["text"] for line in file]

    async def run(self) -> dict[str, Any]:
        """The whole load, then the reckoning."""
        headers = {"Authorization": f"Bearer {self.options.key}"} if self.options.key else {}
        limits = httpx.Limits(max_connections=self.options.concurrency + 2)
        async with httpx.AsyncClient(base_url=self.options.base, headers=headers, timeout=120, limits=limits) as client:
            tasks = [self._caller(client, number) for number in range(self.options.concurrency)]
            await asyncio.gather(*tasks, self._watch())
            lost = await self._reckon(client)
        return self._report(lost)

    async def _caller(self, client: httpx.AsyncClient, number: int) -> None:
        chance = random.Random(number)
        while time.monotonic() < self.end:
            draw = chance.random()
            if draw < self.options.bad:
                path, body, media = bad_call(chance)
                await self._call(client, "bad", "POST", path, content=body, headers={"content-type": media})
            elif draw < self.options.bad + 0.03:
                await self._batch(client, chance)
            elif draw < self.options.bad + 0.10 and self.results:
                await self._call(client, "read", "GET", f"/v1/results/{chance.choice(self.results)}")
            elif draw < self.options.bad + 0.13 and self.results:
                path = f"/v1/results/{chance.choice(self.results)}/decision"
                await self._call(client, "decide", "POST", path, json={"lines": []})
            else:
                await self._one(client, chance)

    async def _one(self, client: httpx.AsyncClient, chance: random.Random) -> None:
        text = chance.choice(self.notes) if self.notes else note(chance.choice((80, 200, 500, 500, 900)), chance)
        begun = time.perf_counter()
        answer = await self._call(
            client,
            "code",
            "POST",
            "/v1/notes:code",
            json={"text": text, "context": CONTEXT},
            headers={"Idempotency-Key": uuid4().hex},
        )
        self.times.append((time.perf_counter() - begun) * 1000)
        if answer.status_code == 200 and answer.json()["result_id"]:
            self.results.append(answer.json()["result_id"])

    async def _batch(self, client: httpx.AsyncClient, chance: random.Random) -> None:
        notes = [{"id": str(n), "text": note(120, chance), "context": CONTEXT} for n in range(chance.randint(1, 8))]
        answer = await self._call(client, "batch", "POST", "/v1/notes:batch", json={"notes": notes})
        if answer.status_code == 202:
            self.jobs.append((answer.headers["location"], len(notes)))

    async def _call(self, client: httpx.AsyncClient, kind: str, method: str, path: str, **more: Any) -> httpx.Response:
        try:
            answer = await client.request(method, path, **more)
        except httpx.HTTPError as error:
            self.failures.append(f"{kind}: {type(error).__name__}")
            answer = httpx.Response(599)
        self.statuses[answer.status_code] += 1
        self.kinds[kind] += 1
        if answer.status_code >= 500:
            self.failures.append(f"{kind}: {answer.status_code}")
        if kind == "bad" and answer.status_code < 400 and path != "/v1/text:extract":
            self.failures.append("bad input was accepted")
        if kind != "bad" and 400 <= answer.status_code < 500:
            self.failures.append(f"{kind}: {answer.status_code}")
        return answer

    async def _watch(self) -> None:
        begun = time.monotonic()
        while time.monotonic() < self.end:
            if self.options.pid:
                self.memory.append((time.monotonic() - begun, tree_rss_mb(self.options.pid)))
            await asyncio.sleep(min(2, max(0.1, self.end - time.monotonic())))

    async def _reckon(self, client: httpx.AsyncClient) -> int:
        """How many accepted notes have no answer, or more than one."""
        lost = 0
        for location, total in self.jobs:
            job: dict[str, Any] = {}
            for _ in range(600):
                job = (await client.get(location)).json()
                if job["state"] == "done":
                    break
                await asyncio.sleep(0.2)
            found = {item["result_id"] for item in job["items"] if item["result_id"]}
            lost += total - len(found)
        for result_id in random.Random(0).sample(self.results, min(500, len(self.results))):
            lost += (await client.get(f"/v1/results/{result_id}")).status_code != 200
        return lost

    def _report(self, lost: int) -> dict[str, Any]:
        times = sorted(self.times) or [0.0]
        report: dict[str, Any] = {
            "minutes": self.options.minutes,
            "concurrency": self.options.concurrency,
            "calls": dict(sorted(self.kinds.items())),
            "statuses": {str(status): count for status, count in sorted(self.statuses.items())},
            "code_ms": {
                "p50": round(times[len(times) // 2], 1),
                "p95": round(times[int(len(times) * 0.95)], 1),
                "max": round(times[-1], 1),
            },
            "batched_notes": sum(total for _, total in self.jobs),
            "lost": lost,
            "failures": dict(Counter(self.failures).most_common(10)),
        }
        grown = 0.0
        if len(self.memory) >= 9:
            third = len(self.memory) // 3
            middle = statistics.median(rss for _, rss in self.memory[third : 2 * third])
            last = statistics.median(rss for _, rss in self.memory[2 * third :])
            grown = last - middle
            report["memory_mb"] = {
                "first": round(self.memory[0][1]),
                "middle_third": round(middle),
                "last_third": round(last),
                "peak": round(max(rss for _, rss in self.memory)),
            }
        report["ok"] = (
            not lost and not self.failures and grown < 0.1 * (report.get("memory_mb", {}).get("first") or 1e9)
        )
        return report


def main() -> None:
    """Read the options, run, print, and say by the exit status whether all was well."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--base", default="http://localhost:8000")
    parser.add_argument("--key", help="API key, where the service asks for one")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--concurrency", type=int, default=4)
    parser.add_argument("--bad", type=float, default=0.02, help="share of bad input")
    parser.add_argument("--pid", type=int, help="process whose memory (with children) is watched")
    parser.add_argument("--notes", help="JSON lines with a text each, instead of made-up notes")
    report = asyncio.run(Load(parser.parse_args()).run())
    print(json.dumps(report, indent=1))
    sys.exit(0 if report["ok"] else 1)


if __name__ == "__main__":
    main()
