#!/usr/bin/env python3
"""Writes tests/image/fixtures/* (small images of every kind the decoders know) and tests/image/goldens.json (what Pillow makes of them,
before white, and of resizes of images made by a rule, as SHA-256 of the RGB bytes). make_format_goldens.py adds the rest. Needs Pillow and torchvision (with shared/peers on PYTHONPATH).

    tools/make_image_goldens.py            # from the project's root; overwrites
"""
import hashlib
import io
import json
import pathlib
import struct
import zlib

import numpy as np
from PIL import Image, ImageOps

TESTS = pathlib.Path(__file__).resolve().parent.parent / "tests" / "image"
WIDTH, HEIGHT = 23, 17


def photo(channels, width=WIDTH, height=HEIGHT):
    """Gradients, an edge and a texture: something that every stage of a codec has to work on."""
    y, x = np.mgrid[0:height, 0:width]
    planes = [(x * (5 + c) + y * (3 + 2 * c) + 60 * ((x // 9 + y // 7) % 2) + 25 * np.sin(x * (c + 1) * 0.7) + 31 * c) % 256
              for c in range(channels)]
    return np.stack(planes, -1).astype(np.uint8)


def saved(image, kind, **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


# ---- JPEG

def jpegs():
    rgb, grey, cmyk = Image.fromarray(photo(3)), Image.fromarray(photo(1)[..., 0]), Image.fromarray(photo(4), "CMYK")
    for name, sampling in (("444", 0), ("422", 1), ("420", 2)):
        yield f"{name}.jpg", saved(rgb, "JPEG", quality=80, subsampling=sampling)
    yield "progressive.jpg", saved(rgb, "JPEG", quality=80, progressive=True)
    yield "restarts.jpg", saved(rgb, "JPEG", quality=80, restart_marker_blocks=2)
    yield "rgb.jpg", saved(rgb, "JPEG", quality=80, keep_rgb=True)
    yield "grey.jpg", saved(grey, "JPEG", quality=80)
    adobe = saved(cmyk, "JPEG", quality=80)
    yield "cmyk.jpg", adobe
    marker = adobe.index(b"\xff\xee") + 4  # Adobe's marker; its last byte says how colours are stored
    assert adobe[marker:marker + 5] == b"Adobe" and adobe[marker + 11] == 0
    yield "ycck.jpg", adobe[:marker + 11] + b"\x02" + adobe[marker + 12:]
    yield "cmyk_without_adobe.jpg", adobe[:marker - 4] + adobe[marker + 12:]
    for value in range(1, 9):
        yield f"exif{value}.jpg", saved(rgb, "JPEG", quality=60, exif=exif(value, ">" if value % 2 else "<"))


def exif(orientation, order):
    tiff = (b"MM" if order == ">" else b"II") + struct.pack(order + "HIH", 42, 8, 2)
    tiff += struct.pack(order + "HHII", 0x0100, 4, 1, WIDTH)  # another tag first
    tiff += struct.pack(order + "HHIHH", 0x0112, 3, 1, orientation, 0) + struct.pack(order + "I", 0)
    return b"Exif\0\0" + tiff


# ---- PNG, by hand: Pillow writes neither interlaced files nor every depth

PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))  # Adam7: x, y, steps


def png_rows(samples, depth):
    """samples: height x width x channels. Filter type of a row: its number modulo 2 (none or sub)."""
    height, width, channels = samples.shape
    flat = samples.reshape(height, width * channels)
    if depth == 16:
        rows = flat.astype(">u2").view(np.uint8).reshape(height, -1)
    else:
        bits = (flat[..., None] >> np.arange(depth - 1, -1, -1)) & 1
        rows = np.packbits(bits.reshape(height, -1).astype(np.uint8), axis=1)
    step = max(1, channels * depth // 8)
    out = b""
    for y, row in enumerate(rows):
        if y % 2:
            row = row - np.concatenate([np.zeros(step, np.uint8), row[:-step]]) if len(row) > step else row
        out += bytes([y % 2]) + row.tobytes()
    return out


def png(samples, depth, color_type, interlaced=False, chunks=()):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    if samples.ndim == 2:
        samples = samples[..., None]
    height, width = samples.shape[:2]
    if interlaced:
        parts = [samples[y::dy, x::dx] for x, y, dx, dy in PASSES]
        rows = b"".join(png_rows(part, depth) for part in parts if part.size)
    else:
        rows = png_rows(samples, depth)
    head = struct.pack(">IIBBBBB", width, height, depth, color_type, 0, 0, int(interlaced))
    body = b"".join(chunk(kind, data) for kind, data in chunks)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + body + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


def colors(count):
    return photo(3, count, 1).tobytes()


def pngs():
    for depth in (1, 2, 4, 8, 16):
        grey = photo(1)[..., 0].astype(np.uint16) * 257 >> (16 - depth) if depth < 16 else photo(1)[..., 0].astype(np.uint16) * 251 + 77
        yield f"grey{depth}.png", png(grey, depth, 0)
        yield f"grey{depth}_interlaced.png", png(grey, depth, 0, True)
        if depth <= 8:
            yield f"palette{depth}.png", png(grey, depth, 3, chunks=[(b"PLTE", colors(1 << depth))])
    deep = photo(3).astype(np.uint16) * 251 + 77
    yield "rgb8.png", png(photo(3), 8, 2)
    yield "rgb8_interlaced.png", png(photo(3), 8, 2, True)
    yield "rgb16.png", png(deep, 16, 2)
    yield "rgb16_interlaced.png", png(deep, 16, 2, True)
    yield "exif6.png", png(photo(3), 8, 2, chunks=[(b"eXIf", exif(6, "<")[6:])])
    # with alpha
    yield "grey_alpha8.png", png(photo(2), 8, 4)
    yield "rgba8.png", png(photo(4), 8, 6)
    yield "rgba8_interlaced.png", png(photo(4), 8, 6, True)
    yield "palette_trns.png", png(photo(1)[..., 0] >> 4, 4, 3, chunks=[(b"PLTE", colors(16)), (b"tRNS", bytes(range(0, 240, 20)))])
    yield "grey_trns.png", png(photo(1)[..., 0] >> 4 << 4, 8, 0, chunks=[(b"tRNS", struct.pack(">H", 144))])
    few = photo(3) >> 6 << 6
    yield "rgb_trns.png", png(few, 8, 2, chunks=[(b"tRNS", struct.pack(">HHH", *(int(v) for v in few[4, 5])))])


# ---- BMP, by hand where Pillow cannot write it

def bmp(rows, width, height, bits, compression=0, masks=(), palette=b"", core=False, header_size=40, colors_used=0):
    if core:
        header = struct.pack("<IHHHH", 12, width, height, 1, bits)
    else:
        header = struct.pack("<IiiHHIIiiII", header_size, width, height, 1, bits, compression, len(rows), 2835, 2835, colors_used, 0)
        header += struct.pack(f"<{len(masks)}I", *masks)
        header += bytes(max(0, header_size - len(header)))
    at = 14 + len(header) + len(palette)
    return b"BM" + struct.pack("<IHHI", at + len(rows), 0, 0, at) + header + palette + rows


def padded(rows):
    return b"".join(row + bytes(-len(row) % 4) for row in rows)


def run_lengths(indices, nibbles):
    """Runs and literals; row 3 ends early; row 10 jumps 2 to the right and 1 up and goes on there, in the place of row 11."""
    out, jumped = b"", False
    for y, row in enumerate(indices[::-1]):
        if y == 11:
            continue
        x = 0
        while x < len(row):
            if y == 3 and x >= 8:
                break
            if y == 10 and x >= 8 and not jumped:
                out, x, jumped = out + bytes([0, 2, 2, 1]), x + 2, True
            literal = row[x:x + 5]
            if y % 2 and len(literal) == 5:
                data = literal.tobytes() if not nibbles else bytes([literal[0] << 4 | literal[1], literal[2] << 4 | literal[3], literal[4] << 4])
                out += bytes([0, 5]) + data + bytes(len(data) % 2)
                x += 5
                continue
            n = 1
            while x + n < len(row) and row[x + n] == row[x]:
                n += 1
            out += bytes([n, row[x] * 17 if nibbles else row[x]])
            x += n
        out += bytes([0, 0])
    return out + bytes([0, 1])


def bmps():
    rgb, grey = photo(3), photo(1)[..., 0]
    bgr = rgb[::-1, :, ::-1]
    table = b"".join(bytes([b, g, r, 0]) for r, g, b in photo(3, 256, 1)[0])
    yield "bmp24.bmp", saved(Image.fromarray(rgb), "BMP")
    yield "bmp24_top_down.bmp", bmp(padded([row.tobytes() for row in rgb[:, :, ::-1]]), WIDTH, -HEIGHT, 24)
    yield "bmp24_core.bmp", bmp(padded([row.tobytes() for row in bgr]), WIDTH, HEIGHT, 24, core=True)
    yield "bmp32.bmp", bmp(np.concatenate([bgr, np.full((HEIGHT, WIDTH, 1), 9, np.uint8)], -1).tobytes(), WIDTH, HEIGHT, 32)
    yield "bmp8_grey.bmp", saved(Image.fromarray(grey), "BMP")
    yield "bmp8.bmp", bmp(padded([row.tobytes() for row in grey[::-1]]), WIDTH, HEIGHT, 8, palette=table)
    yield "bmp8_few_colors.bmp", bmp(padded([row.tobytes() for row in grey[::-1] // 8]), WIDTH, HEIGHT, 8, palette=table[:128], colors_used=32)
    nibbles = np.pad(grey[::-1] >> 4, ((0, 0), (0, 1)))
    yield "bmp4.bmp", bmp(padded([(row[::2] << 4 | row[1::2]).astype(np.uint8).tobytes() for row in nibbles]), WIDTH, HEIGHT, 4, palette=table[:64])
    yield "bmp1.bmp", saved(Image.fromarray(grey).convert("1"), "BMP")
    r, g, b = (rgb[::-1, :, c].astype(np.uint16) for c in range(3))
    yield "bmp16_555.bmp", bmp(padded([row.tobytes() for row in (r >> 3 << 10 | g >> 3 << 5 | b >> 3).astype("<u2")]), WIDTH, HEIGHT, 16)
    yield "bmp16_565.bmp", bmp(padded([row.tobytes() for row in (r >> 3 << 11 | g >> 2 << 5 | b >> 3).astype("<u2")]), WIDTH, HEIGHT, 16, 3,
                               (0xF800, 0x07E0, 0x001F))
    four = photo(4)[::-1]
    yield "bmp32_masks.bmp", bmp(np.ascontiguousarray(four[..., [3, 2, 1, 0]]).tobytes(), WIDTH, HEIGHT, 32, 3, (0xFF000000, 0xFF0000, 0xFF00))
    yield "bmp32_alpha.bmp", bmp(np.ascontiguousarray(four[..., [2, 1, 0, 3]]).tobytes(), WIDTH, HEIGHT, 32, 3,
                                 (0xFF0000, 0xFF00, 0xFF, 0xFF000000), header_size=124)
    yield "bmp8_rle.bmp", bmp(run_lengths(grey // 16, False), WIDTH, HEIGHT, 8, 1, palette=table)
    yield "bmp4_rle.bmp", bmp(run_lengths(grey // 16, True), WIDTH, HEIGHT, 4, 2, palette=table[:64])


def webps():
    rgb, rgba = Image.fromarray(photo(3)), Image.fromarray(photo(4))
    yield "lossless.webp", saved(rgb, "WEBP", lossless=True)
    yield "lossy.webp", saved(rgb, "WEBP", quality=70)
    yield "lossless_alpha.webp", saved(rgba, "WEBP", lossless=True, exact=True)
    yield "lossy_alpha.webp", saved(rgba, "WEBP", quality=70)
    yield "exif8.webp", saved(rgb, "WEBP", lossless=True, exif=exif(8, ">")[6:])
    yield "animated.webp", saved(rgb, "WEBP", lossless=True, save_all=True, append_images=[ImageOps.invert(rgb)])


# ---- expected values

def expected(data):
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    if image.mode == "I;16":  # Pillow saturates; graft keeps the high byte, as Pillow does for 16-bit colour
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    if image.mode in ("LA", "RGBA") or "transparency" in image.info:
        image = Image.alpha_composite(Image.new("RGBA", image.size, (255,) * 4), image.convert("RGBA"))
    return image.convert("RGB")


def digest(array):
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()


def ruled(width, height, seed):
    """Byte i is the highest of splitmix64(seed << 32 | i); every third of 32 is made 0 or 255, so that bicubic overshoots."""
    with np.errstate(over="ignore"):
        z = (np.uint64(seed) << np.uint64(32) | np.arange(width * height * 3, dtype=np.uint64)) + np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    value = (z >> np.uint64(56)).astype(np.uint8)
    return np.where((z & np.uint64(31)) < 10, np.where(value < 128, 0, 255), value).astype(np.uint8).reshape(height, width, 3)


RESIZES = [  # width, height -> width, height
    (1, 1, 1, 1), (1, 1, 7, 5), (2, 3, 1, 1), (3, 2, 5, 9), (5, 7, 5, 3), (5, 7, 9, 7), (16, 16, 16, 16), (17, 13, 8, 6), (31, 33, 64, 66),
    (33, 1, 11, 1), (1, 33, 1, 11), (64, 48, 63, 47), (100, 75, 10, 7), (100, 75, 301, 222), (97, 101, 96, 101), (97, 101, 97, 100),
    (200, 10, 3, 2), (10, 200, 2, 3), (500, 375, 341, 256), (375, 500, 224, 224), (640, 11, 1, 1), (640, 480, 12, 9),
    (42, 122, 100, 1), (40, 100, 20, 59), (40, 100, 20, 60), (57, 103, 142, 97), (9, 300, 5, 40),  # Pillow 13 takes the tall ones down first
]
CROPS = [  # width, height -> shorter, crop
    (500, 375, 256, 224), (333, 500, 256, 224), (64, 48, 32, 28), (48, 64, 32, 27), (40, 40, 40, 40), (40, 52, 40, 33), (52, 40, 40, 33),
    (30, 20, 16, 24), (20, 30, 16, 24), (21, 20, 11, 12), (7, 5, 3, 9), (40, 40, 24, 31), (1, 1, 1, 1), (1, 1, 5, 3), (200, 3, 8, 8), (3, 200, 8, 7),
    (39, 23, 16, 15), (23, 41, 17, 16),
    (30, 70, 16, 14), (30, 60, 16, 14), (30, 59, 16, 20), (50, 500, 32, 24),
]


def main():
    try:  # torchvision's PyPI wheel beside a CPU build of torch
        import torchvision_cpu_ops  # noqa: F401
    except ImportError:
        pass
    from torchvision.transforms import CenterCrop, InterpolationMode, Resize
    folder = TESTS / "fixtures"
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    decode = []
    for make in (jpegs, pngs, bmps, webps):
        for name, data in make():
            (folder / name).write_bytes(data)
            if name == "animated.webp":
                continue
            image = expected(data)
            decode.append({"file": name, "width": image.width, "height": image.height, "sha256": digest(np.asarray(image))})
    resize, crop = [], []
    for seed, (width, height, to_width, to_height) in enumerate(RESIZES):
        image = Image.fromarray(ruled(width, height, seed))
        for name, kind in (("bilinear", Image.Resampling.BILINEAR), ("bicubic", Image.Resampling.BICUBIC)):
            result = image.resize((to_width, to_height), kind)
            resize.append({"in": [width, height], "seed": seed, "out": [to_width, to_height], "filter": name, "sha256": digest(np.asarray(result))})
    for seed, (width, height, shorter, size) in enumerate(CROPS, 100):
        image = Image.fromarray(ruled(width, height, seed))
        for name in ("bilinear", "bicubic"):
            result = CenterCrop(size)(Resize(shorter, InterpolationMode(name))(image))
            crop.append({"in": [width, height], "seed": seed, "shorter": shorter, "crop": size, "filter": name, "sha256": digest(np.asarray(result))})
    sections = (f' "{name}": [\n  ' + ",\n  ".join(json.dumps(row) for row in rows) + "\n ]"
                for name, rows in (("decode", decode), ("resize", resize), ("resize_crop", crop)))
    (TESTS / "goldens.json").write_text("{\n" + ",\n".join(sections) + "\n}\n")


if __name__ == "__main__":
    main()
