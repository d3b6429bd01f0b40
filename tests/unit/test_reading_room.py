"""The web process's side of the time machine, with archivists of our own."""

from __future__ import annotations

import sys
import threading
from datetime import timedelta

import msgspec
import pytest

from svodka.past.archive import Basis
from svodka.past.asking import Asked, Refusal
from svodka.past.reading_room import MAX_WAITING, ReadingRoom
from svodka.readmodels.pages import EVERYTHING
from tests.ingest_factory import T0

# Answers with its own process id and how many questions it has had; obeys words that stand in the scene's name.
ARCHIVIST = r"""
import json, os, sys, threading
n = 0
for line in sys.stdin:
    n += 1
    word = json.loads(line)["scene"]
    if word == "die":
        sys.exit(3)
    if word == "hold":
        print('{"progress": 0.4}', flush=True)
        threading.Event().wait(60)
    if word == "refuse":
        print('{"refusal": "before", "first_at": "2026-03-02T05:00:00Z"}', flush=True)
        continue
    if word == "nonsense":
        print("?", flush=True)
        continue
    body = f"{os.getpid()} {n}\n{word}".encode()
    sys.stdout.buffer.write(json.dumps({"size": len(body)}).encode() + b"\n" + body)
    sys.stdout.buffer.flush()
"""


@pytest.fixture
def room():
    opened = ReadingRoom([sys.executable, "-c", ARCHIVIST])
    yield opened
    opened.close()


def asked(word="overview", minutes=0):
    view = msgspec.structs.replace(EVERYTHING, scene=word)
    return Asked(at=T0 + timedelta(minutes=minutes), basis=Basis.SEEN, view=view)


def test_a_moment_is_asked_for_once_and_kept(room):
    """Who asks again gets what is there; another moment is another question to the same archivist."""
    first = room.ask(asked())
    assert first.snapshot.endswith(b" 1\noverview")
    assert room.ask(asked()) is first
    other = room.ask(asked(minutes=1))
    assert other.snapshot.split(b" ")[0] == first.snapshot.split(b" ")[0]
    assert other.snapshot.endswith(b" 2\noverview")


def test_what_takes_long_says_how_far_it_is(room):
    """Nobody waits longer than he wants to."""
    assert room.ask(asked("hold"), wait_s=0.0).progress == 0.0
    for _ in range(200):
        answer = room.ask(asked("hold"), wait_s=0.05)
        if answer.progress:
            break
    assert (answer.snapshot, answer.refusal, answer.progress) == (None, None, 0.4)


def test_a_refusal_is_for_who_asked(room):
    """Nothing of it is kept: a moment that is not over yet will be."""
    answer = room.ask(asked("refuse"))
    assert (answer.refusal, answer.first_at) == (Refusal.BEFORE, T0)
    assert room.ask(asked("refuse")) is not answer


@pytest.mark.parametrize("word", ["die", "nonsense"])
def test_an_archivist_that_dies_is_replaced(room, word):
    """Who asked hears that it failed; the next question has a new archivist."""
    before = room.ask(asked()).snapshot
    assert room.ask(asked(word)).refusal is Refusal.FAILED
    after = room.ask(asked(minutes=2)).snapshot
    assert after.endswith(b" 1\noverview")
    assert after.split(b" ")[0] != before.split(b" ")[0]


def test_too_many_are_told_so(room):
    """The queue has an end; nobody in it is asked for twice."""
    while not room.ask(asked("hold"), wait_s=0.02).progress:
        pass
    answers = [room.ask(asked(minutes=n), wait_s=0.0) for n in range(MAX_WAITING + 2)]
    assert [answer.refusal for answer in answers[:MAX_WAITING]] == [None] * MAX_WAITING
    assert answers[-1].refusal is Refusal.BUSY


def test_closing_ends_the_archivist_and_who_waits():
    """Also one that is in the middle of something."""
    room = ReadingRoom([sys.executable, "-c", ARCHIVIST])
    room.ask(asked("hold"), wait_s=0.0)
    while not room.ask(asked("hold"), wait_s=0.02).progress:
        pass
    process = room._process
    waiting = threading.Thread(target=room.ask, args=(asked("hold"), 30.0))
    waiting.start()
    room.close()
    waiting.join(5)
    assert not waiting.is_alive()
    assert process.poll() is not None
    assert room.ask(asked(minutes=5)).refusal is Refusal.BUSY


def test_an_archivist_that_nobody_asks_ends():
    """And the next question starts another."""
    room = ReadingRoom([sys.executable, "-c", ARCHIVIST], idle_s=0.05)
    first = room.ask(asked()).snapshot
    process = room._process
    process.wait(5)
    second = room.ask(asked(minutes=1)).snapshot
    assert second.split(b" ")[0] != first.split(b" ")[0]
    room.close()


class Seconds:
    """Real seconds as a test says them."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def timed_room():
    seconds = Seconds()
    opened = ReadingRoom([sys.executable, "-c", ARCHIVIST], now_s=seconds)
    yield opened, seconds
    opened.close()


def test_what_is_kept_grows_old(timed_room):
    """What was learnt meanwhile belongs to «как было»: the moment is asked for anew, of the same archivist."""
    room, seconds = timed_room
    first = room.ask(asked())
    seconds.now += 20
    assert room.ask(asked()) is first
    seconds.now += 20
    anew = room.ask(asked())
    assert anew.snapshot.endswith(b" 2\noverview")
    assert anew.snapshot.split(b" ")[0] == first.snapshot.split(b" ")[0]


def test_a_moment_that_is_shown_for_minutes_ends_no_archivist(timed_room):
    """A wall asks for its still moment again and again: long ago it was answered, so nothing hangs."""
    room, seconds = timed_room
    process_id = room.ask(asked()).snapshot.split(b" ")[0]
    for _ in range(8):
        seconds.now += 25
        room.ask(asked())
    assert room.ask(asked(minutes=1)).snapshot.split(b" ")[0] == process_id


def test_a_question_that_somebody_waits_for_is_not_forgotten(timed_room):
    """However long those before it take."""
    room, seconds = timed_room
    while not room.ask(asked("hold"), wait_s=0.02).progress:
        pass
    answers = []
    waiting = threading.Thread(target=lambda: answers.append(room.ask(asked(minutes=1), 20.0)))
    waiting.start()
    while not room._queue:
        pass
    seconds.now += 7
    room._process.terminate()
    waiting.join(20)
    assert answers[0].snapshot is not None
