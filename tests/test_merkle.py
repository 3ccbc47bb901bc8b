"""The tree, its proofs and its tiles.

The vectors are those of the Certificate Transparency reference (github.com/google/certificate-transparency,
``cpp/merkletree/merkle_tree_test.cc``; the same in github.com/transparency-dev/merkle,
``testonly/constants.go``). Compared besides, once, outside this suite: all 196 proofs, good and bad, of
transparency-dev/merkle's ``testdata`` get the same answer, but one whose root of 12 bytes is no hash and is
refused here; roots of 1 to 399 leaves are those of pymerkle 7.0; and sigstore 4.5 takes our inclusion proofs
for trees of 1 to 69, 255, 256, 257 and 399 leaves.
"""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from crawler.audit import merkle
from crawler.audit.merkle import (
    EMPTY,
    Frontier,
    consistency_proof,
    from_tiles,
    inclusion_proof,
    leaf_hash,
    root,
    root_of,
    tile_path,
    tile_width,
    tiles,
    verify_consistency,
    verify_inclusion,
)

LEAVES = [
    bytes.fromhex(one)
    for one in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
NODES = [
    [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "0298d122906dcfc10892cb53a73992fc5b9f493ea4c9badb27b791b4127a7fe7",
        "07506a85fd9dd2f120eb694f86011e5bb4662e5c415a62917033d4a9624487e7",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "4271a26be0d8a84f0bd54c8c302e7cb3a3b5d1fa6780a40bcce2873477dab658",
        "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
        "46f6ffadd3d06a09ff3c5860d2755c8b9819db7df44251788c7d8e3180de8eb1",
    ],
    [
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    ],
    [
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    ["5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"],
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def published(level: int, index: int) -> bytes:
    return bytes.fromhex(NODES[level][index])


def grown(size: int) -> list[bytes]:
    return [leaf_hash(number.to_bytes(4, "big")) for number in range(size)]


def nodes_of(hashes: list[bytes]) -> merkle.GetHash:
    return lambda level, index: root(hashes[index << level : (index + 1) << level])


class TestPublished:
    def test_leaves_and_roots(self) -> None:
        frontier = Frontier()
        assert frontier.root == EMPTY == bytes.fromhex(ROOTS[0])
        for size, leaf in enumerate(LEAVES, start=1):
            assert leaf_hash(leaf) == published(0, size - 1)
            frontier.append(leaf_hash(leaf))
            assert (frontier.size, frontier.root.hex()) == (size, ROOTS[size])
            assert root_of(size, published).hex() == ROOTS[size]

    @pytest.mark.parametrize(
        ("index", "size", "path"),
        [
            (0, 1, []),
            (0, 8, [(0, 1), (1, 1), (2, 1)]),
            (5, 8, [(0, 4), (1, 3), (2, 0)]),
            (2, 3, [(1, 0)]),
            (1, 5, [(0, 0), (1, 1), (0, 4)]),
        ],
    )
    def test_inclusion(self, index: int, size: int, path: list[tuple[int, int]]) -> None:
        proof = inclusion_proof(index, size, published)
        assert proof == [published(*node) for node in path]
        assert verify_inclusion(published(0, index), index, size, proof, bytes.fromhex(ROOTS[size]))

    @pytest.mark.parametrize(
        ("old", "new", "path"),
        [
            (1, 1, []),
            (0, 8, []),
            (1, 8, [(0, 1), (1, 1), (2, 1)]),
            (6, 8, [(1, 2), (1, 3), (2, 0)]),
            (2, 5, [(1, 1), (0, 4)]),
            (6, 7, [(1, 2), (0, 6), (2, 0)]),
        ],
    )
    def test_consistency(self, old: int, new: int, path: list[tuple[int, int]]) -> None:
        proof = consistency_proof(old, new, published)
        assert proof == [published(*node) for node in path]
        roots = bytes.fromhex(ROOTS[old]), bytes.fromhex(ROOTS[new])
        assert verify_consistency(old, new, proof, *roots)


class TestLaws:
    @given(st.integers(1, 600), st.data())
    def test_every_inclusion_proof_verifies_and_no_altered_one(self, size: int, data: st.DataObject) -> None:
        hashes = grown(size)
        index = data.draw(st.integers(0, size - 1))
        whole, proof = root(hashes), inclusion_proof(index, size, nodes_of(hashes))
        assert verify_inclusion(hashes[index], index, size, proof, whole)

        other = data.draw(st.integers(0, size))
        assert other == index or not verify_inclusion(hashes[index], other, size, proof, whole)
        assert not verify_inclusion(leaf_hash(b"another"), index, size, proof, whole)
        assert not verify_inclusion(hashes[index], index, size, proof, leaf_hash(b"another"))
        assert not verify_inclusion(hashes[index], index, size, [*proof, EMPTY], whole)
        assert not verify_inclusion(hashes[index], index, size, [EMPTY, *proof], whole)
        for bent in altered(proof):
            assert not verify_inclusion(hashes[index], index, size, bent, whole)

    @given(st.integers(1, 600), st.data())
    def test_every_consistency_proof_verifies_and_no_altered_one(self, new: int, data: st.DataObject) -> None:
        hashes = grown(new)
        old = data.draw(st.integers(1, new))
        roots = root(hashes[:old]), root(hashes)
        proof = consistency_proof(old, new, nodes_of(hashes))
        assert verify_consistency(old, new, proof, *roots)

        assert not verify_consistency(old, new, proof, leaf_hash(b"another"), roots[1])
        assert not verify_consistency(old, new, proof, roots[0], leaf_hash(b"another"))
        assert not verify_consistency(old, new, [*proof, EMPTY], *roots)
        assert old == new or not verify_consistency(new, old, proof, *reversed(roots))
        for bent in altered(proof):
            assert not verify_consistency(old, new, bent, *roots)

    @given(st.integers(2, 400), st.data())
    def test_no_proof_ties_a_rewritten_past(self, new: int, data: st.DataObject) -> None:
        old = data.draw(st.integers(1, new - 1))
        hashes = grown(new)
        forged = list(hashes)
        forged[data.draw(st.integers(0, old - 1))] = leaf_hash(b"another")
        proof = consistency_proof(old, new, nodes_of(forged))
        assert not verify_consistency(old, new, proof, root(hashes[:old]), root(forged))

    @given(st.integers(0, 600), st.integers(0, 600))
    def test_a_frontier_resumes(self, first: int, more: int) -> None:
        hashes = grown(first + more)
        frontier = Frontier.resume(first, nodes_of(hashes))
        assert frontier.root == root(hashes[:first])
        frontier.extend(hashes[first:])
        assert (frontier.size, frontier.root) == (first + more, root(hashes))

    @given(st.lists(st.binary(max_size=40), max_size=12), st.integers(-2, 20), st.integers(-2, 20), st.binary())
    def test_strange_proofs_are_false_and_raise_nothing(
        self, proof: list[bytes], one: int, two: int, hash: bytes
    ) -> None:
        assume(len(hash) != 32)
        assert not verify_inclusion(hash, one, two, proof, EMPTY)
        assert not verify_consistency(one, two, proof, hash, EMPTY)
        verify_inclusion(EMPTY, one, two, proof, EMPTY)
        verify_consistency(one, two, proof, EMPTY, EMPTY)


def altered(proof: list[bytes]) -> list[list[bytes]]:
    """The proof with one hash changed, dropped, cut short, doubled or moved."""
    bent = []
    for place, hash in enumerate(proof):
        head, tail = proof[:place], proof[place + 1 :]
        bent += [
            [*head, bytes([hash[0] ^ 1]) + hash[1:], *tail],
            [*head, hash[:-1] + bytes([hash[-1] ^ 128]), *tail],
            head + tail,
            [*head, hash[:31], *tail],
            [*head, hash, hash, *tail],
        ]
    if len(proof) > 1:
        bent.append(proof[::-1])
    return bent


class TestEmptyTree:
    def test_every_tree_begins_with_it(self) -> None:
        assert verify_consistency(0, 0, [], EMPTY, EMPTY)
        assert verify_consistency(0, 3, [], EMPTY, root(grown(3)))

    def test_and_it_has_one_root(self) -> None:
        other = leaf_hash(b"")
        assert not verify_consistency(0, 0, [], other, other)
        assert not verify_consistency(0, 3, [], other, root(grown(3)))
        assert not verify_consistency(0, 3, [EMPTY], EMPTY, root(grown(3)))
        assert not verify_consistency(2, 3, [], EMPTY, root(grown(3)))
        assert not verify_consistency(3, 5, [], root(grown(3)), root(grown(5)))
        assert not verify_inclusion(EMPTY, 0, 0, [], EMPTY)


class TestNonsense:
    @pytest.mark.parametrize(("index", "size"), [(0, 0), (3, 3), (-1, 3)])
    def test_a_leaf_that_is_not_there(self, index: int, size: int) -> None:
        with pytest.raises(ValueError, match="there is no leaf"):
            inclusion_proof(index, size, published)

    @pytest.mark.parametrize(("old", "new"), [(4, 3), (-1, 3)])
    def test_a_tree_that_shrinks(self, old: int, new: int) -> None:
        with pytest.raises(ValueError, match="does not grow out of"):
            consistency_proof(old, new, published)


class TestTiles:
    @pytest.mark.parametrize(
        ("level", "index", "width", "path"),
        [
            (0, 0, 256, "tile/0/000"),
            (0, 5, 1, "tile/0/005.p/1"),
            (1, 999, 256, "tile/1/999"),
            (0, 1000, 256, "tile/0/x001/000"),
            (0, 1234067, 256, "tile/0/x001/x234/067"),  # the specification's own
            (2, 1234067, 8, "tile/2/x001/x234/067.p/8"),
            (63, 1_000_000, 255, "tile/63/x001/x000/000.p/255"),
        ],
    )
    def test_paths(self, level: int, index: int, width: int, path: str) -> None:
        assert tile_path(level, index, width) == path

    @pytest.mark.parametrize(
        ("level", "index", "width"), [(64, 0, 1), (-1, 0, 1), (0, -1, 1), (0, 0, 0), (0, 0, 257)]
    )
    def test_no_path(self, level: int, index: int, width: int) -> None:
        with pytest.raises(ValueError, match="there is no tile"):
            tile_path(level, index, width)

    def test_which_there_are(self) -> None:
        """The specification's example: 70,000 leaves."""
        found = list(tiles(70_000))
        assert found[:273] == [(0, index, 256) for index in range(273)]
        assert found[273:] == [(0, 273, 112), (1, 0, 256), (1, 1, 17), (2, 0, 1)]
        assert list(tiles(256)) == [(0, 0, 256), (1, 0, 1)]
        assert list(tiles(0)) == []
        assert tile_width(0, 274, 70_000) == 0

    @given(st.integers(1, 70_000), st.data())
    def test_proofs_come_out_of_them(self, size: int, data: st.DataObject) -> None:
        def read_tile(level: int, index: int, width: int) -> bytes:
            # as if the log had grown since: full tiles take the place of partial ones
            return STORED[level][index * 8192 : (index + 1) * 8192][
                : data.draw(st.sampled_from([width, 256])) * 32
            ]

        get_hash = from_tiles(size, read_tile)
        index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))
        whole = root_of(size, get_hash)
        assert verify_inclusion(LEVEL_0[index], index, size, inclusion_proof(index, size, get_hash), whole)
        proof = consistency_proof(old, size, get_hash)
        assert verify_consistency(old, size, proof, root_of(old, get_hash), whole)

    def test_nodes_that_no_tile_holds(self) -> None:
        get_hash = from_tiles(300, lambda level, index, width: STORED[level][index * 8192 :][: width * 32])
        assert get_hash(2, 74) == root(LEVEL_0[296:300])
        for node in ((3, 37), (0, 300), (9, 0), (8, 1)):
            with pytest.raises(ValueError, match="has no node"):
                get_hash(*node)

    def test_a_tile_that_is_too_short(self) -> None:
        get_hash = from_tiles(300, lambda level, index, width: bytes(width * 32 - 1))
        with pytest.raises(ValueError, match=r"tile/0/001.p/44 has 1407 bytes, not 1408"):
            get_hash(0, 256)


def _stored() -> list[bytes]:
    """The levels of tiles over 70,144 leaves, each as one string of hashes, by the definition."""
    levels, row = [], LEVEL_0
    while row:
        levels.append(b"".join(row))
        for _ in range(8):
            row = [
                sha256(b"\x01" + left + right).digest()
                for left, right in zip(row[::2], row[1::2], strict=False)
            ]
    return levels


LEVEL_0 = grown(274 * 256)
STORED = _stored()
