"""Damages files at random, always the same for the same seed."""

import random
import zlib
from collections.abc import Callable

ODD_BYTES = (0, 1, 0x7F, 0x80, 0xFE, 0xFF)
ODD_NUMBERS = (0, 1, 2, 255, 256, 6_000, 32_767, 32_768, 40_000, 65_535, 2**24, 2**31 - 1, 2**31, 2**32 - 1)
HEAD_BYTES = 600
_PNG = b"\x89PNG\r\n\x1a\n"

Mutation = Callable[[bytearray, random.Random, list[bytes]], None]


def mutated(data: bytes, others: list[bytes], rng: random.Random) -> bytes:
    """``data`` with one to three kinds of damage; ``others`` are files of the same library to splice with."""
    changed = bytearray(data)
    for mutation in rng.choices(MUTATIONS, k=rng.choice((1, 1, 2, 3))):
        if changed:
            mutation(changed, rng, others)
    # Otherwise most damage to a PNG ends at its check sums.
    if changed.startswith(_PNG) and rng.random() < 0.7:
        _mend_check_sums(changed)
    return bytes(changed)


def flip_bits(data: bytearray, rng: random.Random, _: list[bytes]) -> None:
    for _number in range(rng.randint(1, 16)):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)


def odd_bytes(data: bytearray, rng: random.Random, _: list[bytes]) -> None:
    for _number in range(rng.randint(1, 8)):
        data[rng.randrange(len(data))] = rng.choice(ODD_BYTES)


def cut_off(data: bytearray, rng: random.Random, _: list[bytes]) -> None:
    del data[rng.randrange(len(data)) :]


def tweak_header(data: bytearray, rng: random.Random, _: list[bytes]) -> None:
    for _number in range(rng.randint(1, 4)):
        data[rng.randrange(min(len(data), HEAD_BYTES))] = rng.randrange(256)


def lie_about_sizes(data: bytearray, rng: random.Random, _: list[bytes]) -> None:
    """Numbers of 2 or 4 bytes in the header, where those of a size or a length may be."""
    for _number in range(rng.randint(1, 3)):
        width = rng.choice((2, 4))
        at = rng.randrange(max(1, min(len(data), HEAD_BYTES) - width))
        number = rng.choice(ODD_NUMBERS) % 256**width
        data[at : at + width] = number.to_bytes(width, rng.choice(("little", "big")))


def swap_chunks(data: bytearray, rng: random.Random, _: list[bytes]) -> None:
    length = rng.randint(1, max(1, len(data) // 4))
    one, other = (rng.randrange(max(1, len(data) - length)) for _number in range(2))
    first, second = data[one : one + length], data[other : other + length]
    data[one : one + length], data[other : other + length] = second, first


def lose_a_chunk(data: bytearray, rng: random.Random, _: list[bytes]) -> None:
    at = rng.randrange(len(data))
    del data[at : at + rng.randint(1, max(1, len(data) // 8))]


def repeat_a_chunk(data: bytearray, rng: random.Random, _: list[bytes]) -> None:
    at = rng.randrange(len(data))
    chunk = data[at : at + rng.randint(1, 64)]
    data[at:at] = chunk * rng.randint(1, 20)


def splice(data: bytearray, rng: random.Random, others: list[bytes]) -> None:
    """The end of another file behind the beginning of this one."""
    other = rng.choice(others)
    data[rng.randrange(len(data)) :] = other[rng.randrange(len(other)) :]


def _mend_check_sums(data: bytearray) -> None:
    at = len(_PNG)
    while at + 12 <= len(data):
        end = at + 8 + int.from_bytes(data[at : at + 4])
        if end + 4 > len(data):
            return
        data[end : end + 4] = zlib.crc32(data[at + 4 : end]).to_bytes(4)
        at = end + 4


MUTATIONS: tuple[Mutation, ...] = (
    *(flip_bits, odd_bytes, cut_off, tweak_header, tweak_header, lie_about_sizes, lie_about_sizes),
    *(swap_chunks, lose_a_chunk, repeat_a_chunk, splice),
)
