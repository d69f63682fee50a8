"""TIFF and GIF files by hand for make_format_goldens.py: kinds that Pillow does not write."""
import struct

import numpy as np

from make_image_goldens import HEIGHT, WIDTH, photo

SHORT, LONG = 3, 4


def tiff(tags, blocks, order="<"):
    """tags: {number: (type, values)}; blocks: the strips or tiles, whose places and lengths are the tags 273 and 279, or 324 and 325."""
    place, length = (324, 325) if 322 in tags else (273, 279)
    tags = {**tags, place: (LONG, [0] * len(blocks)), length: (LONG, [len(b) for b in blocks])}
    head = (b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, 8)
    code = {SHORT: "H", LONG: "I"}
    at = 8 + 2 + 12 * len(tags) + 4
    for kind, values in tags.values():
        size = struct.calcsize(code[kind]) * len(values)
        at += size if size > 4 else 0
    places = []
    for block in blocks:
        places.append(at)
        at += len(block)
    tags[place] = (LONG, places)
    directory, extra, at = struct.pack(order + "H", len(tags)), b"", 8 + 2 + 12 * len(tags) + 4
    for number, (kind, values) in sorted(tags.items()):
        data = struct.pack(order + str(len(values)) + code[kind], *values)
        directory += struct.pack(order + "HHI", number, kind, len(values))
        if len(data) > 4:
            directory += struct.pack(order + "I", at + len(extra))
            extra += data
        else:
            directory += data.ljust(4, b"\0")
    return head + directory + bytes(4) + extra + b"".join(blocks)


def basic(samples, photometric, width=WIDTH, height=HEIGHT, **more):
    samples = samples[..., None] if samples.ndim == 2 else samples
    bits, count = samples.dtype.itemsize * 8, samples.shape[2]
    return {256: (LONG, [width]), 257: (LONG, [height]), 258: (SHORT, [bits] * count), 259: (SHORT, [1]), 262: (SHORT, [photometric]),
            277: (SHORT, [count]), **{int(number[1:]): value for number, value in more.items()}}


def tiffs():
    rgb, grey, four = photo(3), photo(1)[..., 0], photo(4)
    deep = rgb.astype(np.uint16) * 251 + 77
    yield "rgb16.tif", tiff(basic(deep, 2, _278=(LONG, [5])), [deep[y:y + 5].astype("<u2").tobytes() for y in range(0, HEIGHT, 5)])
    yield "rgb16_big_endian.tif", tiff(basic(deep, 2, _278=(LONG, [HEIGHT])), [deep.astype(">u2").tobytes()], ">")
    yield "white_is_0.tif", tiff(basic(grey, 0, _278=(LONG, [HEIGHT])), [grey.tobytes()])
    yield "planes.tif", tiff(basic(rgb, 2, _278=(LONG, [6]), _284=(SHORT, [2])),
                             [np.ascontiguousarray(rgb[y:y + 6, :, c]).tobytes() for c in range(3) for y in range(0, HEIGHT, 6)])
    tiles = []
    for y in range(0, HEIGHT, 16):
        for x in range(0, WIDTH, 16):
            tile = np.zeros((16, 16, 3), np.uint8)
            part = rgb[y:y + 16, x:x + 16]
            tile[:part.shape[0], :part.shape[1]] = part
            tiles.append(tile.tobytes())
    yield "tiles.tif", tiff(basic(rgb, 2, _322=(LONG, [16]), _323=(LONG, [16])), tiles)
    for name, kind in (("premultiplied", 1), ("alpha", 2), ("fourth_sample", 0)):
        yield name + ".tif", tiff(basic(four, 2, _278=(LONG, [HEIGHT]), _338=(SHORT, [kind])), [four.tobytes()])
    for value in (3, 6):
        yield f"turned{value}.tif", tiff(basic(rgb, 2, _278=(LONG, [HEIGHT]), _274=(SHORT, [value])), [rgb.tobytes()])
    twelve = photo(1)[..., 0].astype(np.uint16) * 16 + 9
    yield "grey_12_of_16.tif", tiff(basic(twelve, 1, _278=(LONG, [HEIGHT])), [twelve.astype("<u2").tobytes()])


def lzw(indices, bits):
    """Codes of one width only: a clear code before the table would need wider ones."""
    clear, width, per_clear = 1 << bits, bits + 1, (1 << bits) - 2
    codes = []
    for i, index in enumerate(indices):
        if i % per_clear == 0:
            codes.append(clear)
        codes.append(int(index))
    codes.append(clear + 1)
    packed = sum(code << (width * i) for i, code in enumerate(codes))
    data = packed.to_bytes((width * len(codes) + 7) // 8, "little")
    blocks = b"".join(bytes([len(data[i:i + 255])]) + data[i:i + 255] for i in range(0, len(data), 255))
    return bytes([bits]) + blocks + b"\0"


def gif(frame, left, top, screen, screen_table=None, table=None, transparent=None, interlaced=False):
    height, width = frame.shape
    bits = 4
    out = b"GIF89a" + struct.pack("<HHBBB", *screen, 0x80 | bits - 1 if screen_table else 0, 0, 0) + (screen_table or b"")
    if transparent is not None:
        out += b"!\xf9\x04\x01\0\0" + bytes([transparent]) + b"\0"
    order = [y for first, step in ((0, 8), (4, 8), (2, 4), (1, 2)) for y in range(first, height, step)] if interlaced else range(height)
    flags = (0x80 | bits - 1 if table else 0) | (0x40 if interlaced else 0)
    out += b"," + struct.pack("<HHHHB", left, top, width, height, flags) + (table or b"")
    return out + lzw(np.concatenate([frame[y] for y in order]), bits) + b";"


def gifs():
    frame, colours, others = photo(1)[..., 0] >> 4, photo(3, 16, 1).tobytes(), photo(3, 1, 16)[::-1].tobytes()
    whole = (WIDTH, HEIGHT)
    yield "screen_table.gif", gif(frame, 0, 0, whole, colours)
    yield "own_table.gif", gif(frame, 0, 0, whole, colours, others)
    yield "no_table.gif", gif(frame, 0, 0, whole)
    yield "interlaced.gif", gif(frame, 0, 0, whole, colours, interlaced=True)
    yield "transparent.gif", gif(frame, 0, 0, whole, colours, transparent=5)
    yield "smaller.gif", gif(frame[:9, :11], 4, 3, whole, colours)
    yield "smaller_transparent.gif", gif(frame[:9, :11], 4, 3, whole, colours, transparent=5)
    yield "beyond.gif", gif(frame, 4, 3, (10, 9), colours)
