"""Processes that play machines: each knows its place, and none outlives the call."""

import os
import time

from helpers.processes import on_machines

import pytest


def place(argument):
    import json
    import os

    config = json.loads(os.environ["TF_CONFIG"])
    return [argument, twice(config["task"]["index"]), config["cluster"]["worker"]]


def twice(number):
    return 2 * number


def first_fails(folder):
    import os
    import time
    from pathlib import Path

    index = json_index(os.environ["TF_CONFIG"])
    (Path(folder) / str(index)).write_text(str(os.getpid()))
    if index == 0:
        while not (Path(folder) / "1").exists():
            time.sleep(0.01)
        raise ValueError("no such thing")
    time.sleep(600)


def json_index(text):
    import json

    return json.loads(text)["task"]["index"]


def sleeps(argument):
    import time

    time.sleep(600)


def chatters(argument):
    print("a word", end="")
    return argument


def test_each_process_knows_its_place_and_the_addresses_of_all():
    answers = on_machines(place, ["a", "b", "c"], twice)
    assert [answer[:2] for answer in answers] == [["a", 0], ["b", 2], ["c", 4]]
    addresses = answers[0][2]
    assert all(answer[2] == addresses for answer in answers)
    assert len(set(addresses)) == 3


def test_what_a_process_prints_is_not_taken_for_its_answer():
    assert on_machines(chatters, [[1, 2]]) == [[1, 2]]


def test_a_failure_is_named_and_ends_the_others(tmp_path):
    start = time.monotonic()
    with pytest.raises(RuntimeError, match="process 0 failed: ValueError: no such thing"):
        on_machines(first_fails, [str(tmp_path)] * 2, json_index)
    assert time.monotonic() - start < 60
    for index in range(2):
        with pytest.raises(ProcessLookupError):
            os.kill(int((tmp_path / str(index)).read_text()), 0)


def test_waits_no_longer_than_asked():
    start = time.monotonic()
    with pytest.raises(RuntimeError, match=r"did not end within 0\.5 s"):
        on_machines(sleeps, [None, None], seconds=0.5)
    assert time.monotonic() - start < 20
