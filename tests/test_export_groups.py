"""Texts that are nearly the same are put together, others are not, in whatever order they come."""

from __future__ import annotations

import errno
import json
import random
import struct
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.export.groups import BANDS, LIKE, NEIGHBOURS, PERMUTATIONS, ROWS, NearGroups
from crawler.text.sketch import similarity, sketch_of

ROOT = Path(__file__).parent.parent
NOISE = random.Random(5)
VOCABULARY = ["".join(NOISE.choices("abcdefghijklmnoprstuvw", k=NOISE.randint(3, 9))) for _ in range(4000)]


def prose(noise, words=300):
    return noise.choices(VOCABULARY, k=words)


def sketch(words):
    return sketch_of(" ".join(words))


def groups_of(sketches, path=None, order=None):
    """What every entry is told, by entry."""
    with NearGroups(path) as groups:
        for entry in order or sketches:
            groups.add(entry, sketches[entry])
        groups.settle()
        return {entry: groups.of(entry) for entry in sketches}


def values(noise, like=None, same=PERMUTATIONS):
    """A sketch made up: 32 bits a value, ``same`` of them as ``like`` has them, in places by chance."""
    fresh = [noise.getrandbits(32) for _ in range(PERMUTATIONS)]
    if like is not None:
        old = struct.unpack(f"<{PERMUTATIONS}I", like)
        for at in noise.sample(range(PERMUTATIONS), same):
            fresh[at] = old[at]
    return struct.pack(f"<{PERMUTATIONS}I", *fresh)


# What is found


def test_a_text_with_a_few_words_changed_or_another_frame_is_found():
    noise = random.Random(1)
    first, other = prose(noise), prose(noise)
    changed = [*first]
    for at in (20, 150, 260):
        changed[at] = "changed"
    framed = ["home", "about", "contact", *first, "all", "rights", "reserved"]
    sketches = {
        40: sketch(other),
        41: sketch(first),
        77: sketch(changed),
        90: sketch(framed),
        12_345: sketch(first),
        99: sketch(prose(noise)),
    }
    same = "000000041"
    assert groups_of(sketches) == {40: None, 41: same, 77: same, 90: same, 12_345: same, 99: None}


def test_texts_that_share_their_frame_and_nothing_else_stay_apart():
    noise = random.Random(2)
    frame = prose(noise, 100)
    sketches = {entry: sketch([*frame, *prose(noise, 150)]) for entry in range(400)}
    assert set(groups_of(sketches).values()) == {None}


def test_what_is_found_of_some_thousand_texts_is_nearly_all_and_nearly_right():
    """Of 1,000 texts, 2 variants each that differ a little and 1 that differs much; the truth is known."""
    noise = random.Random(3)
    sketches, origin, far = {}, {}, set()
    for number in range(1000):
        text = prose(noise, noise.randint(120, 400))
        variants = [text]
        for changes in (1, 2):
            variant = [*text]
            for at in noise.sample(range(len(text)), changes):
                variant[at] = noise.choice(VOCABULARY)
            variants.append(variant)
        half = len(text) // 2
        variants.append([*text[:half], *prose(noise, half)])
        for which, variant in enumerate(variants):
            entry = number * 10 + which
            sketches[entry], origin[entry] = sketch(variant), number
            if which == 3:
                far.add(entry)
    told = groups_of(sketches)
    members: dict[str, list[int]] = {}
    for entry, group in told.items():
        if group is not None:
            members.setdefault(group, []).append(entry)
    pairs = {pair for group in members.values() for pair in combinations(sorted(group), 2)}
    near = {pair for number in range(1000) for pair in combinations(range(number * 10, number * 10 + 3), 2)}
    right = {(one, other) for one, other in pairs if origin[one] == origin[other]}
    assert all(group == format(min(entries), "09d") for group, entries in members.items())
    assert all(len(entries) > 1 for entries in members.values())
    assert len(pairs & near) / len(near) > 0.99
    assert len(right) / len(pairs) > 0.999
    assert not any(entry in far for pair in pairs for entry in pair)


def test_the_bands_offer_what_they_are_said_to_offer():
    """Of made up pairs that agree in exactly so many values, how many are found."""
    noise = random.Random(4)
    assert BANDS * ROWS <= PERMUTATIONS
    for same, least, most in (
        (128, 1.0, 1.0),
        (110, 0.99, 1.0),
        (103, 0.98, 1.0),
        (102, 0.0, 0.0),
        (70, 0.0, 0.0),
    ):
        sketches = {}
        for pair in range(300):
            sketches[2 * pair] = values(noise)
            sketches[2 * pair + 1] = values(noise, sketches[2 * pair], same)
        told = groups_of(sketches)
        found = sum(told[2 * pair] == told[2 * pair + 1] == f"{2 * pair:09d}" for pair in range(300)) / 300
        assert least <= found <= most, same
        assert same / PERMUTATIONS >= LIKE or not any(told.values())


def test_a_group_is_whatever_hangs_together():
    noise = random.Random(6)
    chain = {0: values(noise)}
    for entry in range(1, 12):
        chain[entry] = values(noise, chain[entry - 1], 115)
    assert similarity(chain[0], chain[11]) < 0.5
    assert set(groups_of(chain).values()) == {"000000000"}


def test_many_of_the_same_and_many_that_share_a_band():
    """More than are compared with all: the like among them are found nevertheless."""
    noise = random.Random(7)
    frame = struct.unpack(f"<{PERMUTATIONS}I", values(noise))
    count = 10 * NEIGHBOURS

    def framed(own, like=None, same=PERMUTATIONS):
        made = [*struct.unpack(f"<{PERMUTATIONS}I", values(own, like, same))]
        made[:ROWS] = frame[:ROWS]  # the first band is the same for all
        return struct.pack(f"<{PERMUTATIONS}I", *made)

    sketches = {entry: framed(noise) for entry in range(count)}
    for entry in range(100):
        sketches[count + entry] = framed(noise, sketches[entry], 118)
    for entry in range(3000):
        sketches[10_000 + entry] = sketches[500]
    told = groups_of(sketches)
    for entry in range(100):
        assert told[entry] == told[count + entry] == f"{entry:09d}"
    assert {told[10_000 + entry] for entry in range(3000)} == {told[500]} == {"000000500"}
    assert all(told[entry] is None for entry in range(100, count) if entry != 500)


# On what it does not depend


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32), shuffle=st.randoms(use_true_random=False))
def test_the_order_of_adding_changes_nothing(seed, shuffle):
    noise = random.Random(seed)
    sketches = {}
    for entry in noise.sample(range(10**9), 120):
        old = noise.choice([*sketches.values()]) if sketches and noise.random() < 0.7 else None
        sketches[entry] = values(noise, old, noise.randint(98, 128))
    order = [*sketches]
    shuffle.shuffle(order)
    assert groups_of(sketches) == groups_of(sketches, order=order) == by_comparing_all(sketches)


def by_comparing_all(sketches):
    """The same by the definition alone: what agrees in a band and is like each other hangs together."""
    above = {entry: entry for entry in sketches}

    def of(entry):
        while above[entry] != entry:
            entry = above[entry]
        return entry

    size = 4 * ROWS
    for one, other in combinations(sorted(sketches), 2):
        a, b = sketches[one], sketches[other]
        band = any(a[at : at + size] == b[at : at + size] for at in range(0, BANDS * size, size))
        if band and similarity(a, b) >= LIKE:
            low, high = sorted((of(one), of(other)))
            above[high] = low
    sets: dict[int, int] = {}
    for entry in sketches:
        sets[of(entry)] = sets.get(of(entry), 0) + 1
    return {entry: format(of(entry), "09d") if sets[of(entry)] > 1 else None for entry in sketches}


def test_values_of_64_bits_do_as_well():
    noise = random.Random(8)
    one = [noise.getrandbits(64) for _ in range(PERMUTATIONS)]
    other = [noise.getrandbits(64) if at % 10 == 9 else value for at, value in enumerate(one)]
    apart = [noise.getrandbits(64) for _ in range(PERMUTATIONS)]
    sketches = {
        entry: struct.pack(f"<{PERMUTATIONS}Q", *made) for entry, made in ((5, one), (2, other), (9, apart))
    }
    assert groups_of(sketches) == {5: "000000002", 2: "000000002", 9: None}


# The database


def test_the_database_goes_when_it_is_closed_and_one_left_behind_is_replaced(tmp_path):
    path = tmp_path / "new/near.db"
    path.parent.mkdir()
    path.write_bytes(b"left behind by a crash")
    noise = random.Random(9)
    sketches = {1: values(noise)}
    sketches[2] = sketches[1]
    with NearGroups(path) as groups:
        for entry, made in sketches.items():
            groups.add(entry, made)
        groups.settle()
        groups.settle()
        assert path.exists()
        assert [groups.of(entry) for entry in (1, 2, 3)] == ["000000001", "000000001", None]
    assert [*path.parent.iterdir()] == []
    with pytest.raises(KeyError), NearGroups(path) as groups:
        raise KeyError
    assert [*path.parent.iterdir()] == []


def test_nothing_is_no_group():
    assert groups_of({}) == {}


def test_what_is_no_sketch_and_what_comes_too_early_or_too_late_is_refused():
    made = values(random.Random(10))
    with NearGroups(None) as groups:
        for wrong in (b"", made[:-4], made + made + made, bytes(PERMUTATIONS)):
            with pytest.raises(ValueError, match="no sketch"):
                groups.add(1, wrong)
        groups.add(1, made)
        with pytest.raises(ValueError, match="no sketch"):
            groups.add(2, made + made)
        with pytest.raises(ValueError, match="added before"):
            groups.add(1, made)
        with pytest.raises(RuntimeError):
            groups.of(1)
        groups.settle()
        with pytest.raises(RuntimeError):
            groups.add(2, made)
        assert groups.of(1) is None


CHILD = """
import json, random, resource, sys
from pathlib import Path
from crawler.export.groups import NearGroups
path, count, limit = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit) if limit else (-1, -1))
def peak():
    [line] = [one for one in open("/proc/self/status") if one.startswith("VmHWM")]
    return int(line.split()[1]) << 10
noise, told, size, before = random.Random(1), None, 0, peak()
try:
    with NearGroups(path) as groups:
        for entry in range(count):
            groups.add(entry, noise.randbytes(512))
        groups.settle()
        size = path.stat().st_size
except OSError as error:
    told = [error.errno, error.filename]
print(json.dumps([told, peak() - before, path.exists(), size]))
"""


def child(path, count, limit=0):
    ended = subprocess.run(
        [sys.executable, "-c", CHILD, str(path), str(count), str(limit)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        timeout=100,
    )
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


@pytest.mark.parametrize("limit", [1, 20_000, 3_000_000])
def test_a_full_disk_names_the_file_and_leaves_nothing(limit, tmp_path):
    path = tmp_path / "near.db"
    (number, name), _, there, _ = child(path, 20_000, limit)
    assert number in (errno.ENOSPC, errno.EIO)
    assert name == str(path)
    assert not there


def test_memory_does_not_grow_with_the_texts(tmp_path):
    """The database is larger than what is in memory, and would be at any number of texts."""
    told, peak, _, size = child(tmp_path / "near.db", 70_000)
    assert told is None
    assert peak < 45 << 20 < size
