"""A ZIP archive whose one file is the archive itself, as Russ Cox describes them ("Zip Files All The Way Down", 2010).

A deflate stream that prints itself: ``L`` prints the bytes that follow it (a stored block), ``R`` prints the last bytes anew (a match),
and each of both takes five bytes. Behind the headers in front and before the list at the end the stream goes::

    code                       prints
    L [P L]                    P L         P: the header in front, with this first L
    R(P L)                     P L
    L1 [R(P L)]                R(P L)
    L1 [L1]                    L1
    L4 [R(P L) L1 L1 L4]       R(P L) L1 L1 L4
    R4                         R(P L) L1 L1 L4
    L4 [R4 L4 R4 L4]           R4 L4 R4 L4
    R4                         R4 L4 R4 L4
    L4 [R4 0 0 LS]             R4 0 0 LS
    R4                         R4 0 0 LS
    0 0 LS [RS 0 0 S]          RS 0 0 S    0: prints nothing; S: the list at the end
    RS                         RS 0 0 S
    0 0

The checksum in P and S is that of the whole, which holds it: a linear equation of 32 bits.
"""

import struct
from zlib import crc32

OP = 5
NAME = b"all the way down, and more.zip"  # so long that P and an L are 65 bytes, which a match in five bytes can print
COMMENT = b"..\0"  # likewise for the end, whose last byte is the letter behind the match


class Bits:
    """A deflate stream, bit by bit."""

    def __init__(self) -> None:
        self.value = self.count = 0

    def put(self, count: int, value: int) -> None:
        """A number, lowest bit first."""
        self.value |= value << self.count
        self.count += count

    def code(self, count: int, value: int) -> None:
        """A Huffman code, highest bit first."""
        for bit in reversed(range(count)):
            self.put(1, value >> bit & 1)


def printing(count: int, *, last: bool = False) -> bytes:
    """``L``: what comes next is printed as it is."""
    return struct.pack("<BHH", last, count, count ^ 0xFFFF)


def symbol(bits: Bits, number: int) -> None:
    """A letter or a length by the fixed code (RFC 1951, 3.2.6)."""
    if number < 144:
        bits.code(8, 0x30 + number)
    elif number < 280:
        bits.code(7, number - 256)
    else:
        bits.code(8, 0xC0 + number - 280)


def match(bits: Bits, length: int, distance: int) -> None:
    """Print ``length`` bytes again from so far back."""
    for number, first, extra in ((264, 10, 0), (273, 35, 3), (274, 43, 3), (275, 51, 3), (276, 59, 3), (280, 115, 4)):
        if first <= length < first + 2**extra:
            symbol(bits, number)
            bits.put(extra, length - first)
    for number, first, extra in ((8, 17, 3), (12, 65, 5), (13, 97, 5)):
        if first <= distance < first + 2**extra:
            bits.code(5, number)
            bits.put(extra, distance - first)


def repeating(count: int) -> bytes:
    """``R``: the last ``count`` bytes are printed anew; those that end with a zero where they are 116 to 128."""
    bits = Bits()
    bits.put(3, 0b010)
    if count == 4 * OP:
        match(bits, 10, 20)
        match(bits, 10, 20)
    elif count == 65:
        match(bits, count, count)
        symbol(bits, 256)
        bits.put(3, 0b010)
    else:
        match(bits, count - 1, count)
        symbol(bits, 0)
    symbol(bits, 256)
    assert bits.count == 8 * OP, bits.count
    return bits.value.to_bytes(OP, "little")


def with_checksum(crc: int) -> bytes:
    """The archive that says it has this checksum, and everything else as it is."""
    head_size, end_size = 30 + len(NAME), 46 + len(NAME) + 22 + len(COMMENT)
    l1, l4, r4, nothing = printing(OP), printing(4 * OP), repeating(4 * OP), printing(0)
    ls, rs, rp = printing(3 * OP + end_size), repeating(3 * OP + end_size), repeating(head_size + OP)
    codes = [rp, l1, rp, l1, l1, l4, rp, l1, l1, l4, r4, l4, r4, l4, r4, l4, r4, l4, r4, nothing, nothing, ls, r4, nothing, nothing, ls]
    ended = [rs, nothing, printing(0, last=True)]
    packed = 2 * OP + head_size + OP * len(codes) + OP * 3 + end_size + OP * 3
    whole = head_size + packed + end_size
    told = struct.pack("<HHHHHLLLHH", 20, 0, 8, 0, 33, crc, packed, whole, len(NAME), 0)
    head = b"PK\3\4" + told + NAME
    listed = b"PK\1\2" + struct.pack("<H", 20) + told + struct.pack("<HHHLL", 0, 0, 0, 0, 0) + NAME
    end = listed + b"PK\5\6" + struct.pack("<4H2LH", 0, 0, 1, 1, len(listed), head_size + packed, len(COMMENT)) + COMMENT
    first = printing(head_size + OP)
    return head + first + head + first + b"".join(codes) + b"".join(ended) + end + b"".join(ended) + end


def quine() -> bytes:
    """The archive whose checksum is what it says: crc32 is linear, so that 33 tries tell all."""
    base = crc32(with_checksum(0))
    rows = [crc32(with_checksum(1 << bit)) ^ base ^ (1 << bit) for bit in range(32)]  # what each bit changes
    solved: list[tuple[int, int]] = []
    wanted, chosen = base, 0
    for bit, row in enumerate(rows):
        which = 1 << bit
        for other, others in solved:
            if row ^ other < row:
                row, which = row ^ other, which ^ others
        if row:
            solved = sorted([*solved, (row, which)], reverse=True)
    for row, which in solved:
        if wanted ^ row < wanted:
            wanted, chosen = wanted ^ row, chosen ^ which
    assert not wanted, "no checksum fits: change the comment"
    return with_checksum(chosen)
