#!/usr/bin/env python3
"""Writes tests/image/formats/* (small images of the formats and kinds that make_image_goldens.py lacks) and tests/image/format_goldens.json: what
Pillow's convert("RGB") makes of them and of the older ones with transparency, after exif_transpose, and before white and black, as SHA-256 of the
RGB bytes. Needs Pillow 13, NumPy and Debian's libheif-examples.

    tools/make_format_goldens.py            # from the project's root; overwrites
"""
import io
import json
import pathlib
import struct
import subprocess
import tempfile
import zlib

import numpy as np
from PIL import Image, ImageOps, __version__

from picture_files import gifs, tiffs
from make_image_goldens import HEIGHT, TESTS, WIDTH, bmp, digest, exif, photo, png, saved

FOLDER = TESTS / "formats"


# ---- orientation where programs other than cameras write it

def xmp(orientation, element=False):
    field = f"><tiff:Orientation>{orientation}</tiff:Orientation></rdf:Description>" if element else f' tiff:Orientation="{orientation}"/>'
    return (f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description'
            f' xmlns:tiff="http://ns.adobe.com/tiff/1.0/"{field}</rdf:RDF></x:xmpmeta>').encode()


def turned():
    rgb = photo(3)
    raw = exif(3, "<")
    profile = b"\nexif\n%8d\n" % len(raw) + b"\n".join(raw.hex().encode()[i:i + 72] for i in range(0, 2 * len(raw), 72)) + b"\n"
    key = b"Raw profile type exif\0"
    xml = b"XML:com.adobe.xmp\0"
    for name, kind, data in (("ztxt3", b"zTXt", key + b"\0" + zlib.compress(profile)), ("text3", b"tEXt", key + profile),
                             ("xmp6", b"iTXt", xml + b"\0\0\0\0" + xmp(6)), ("xmp_packed8", b"iTXt", xml + b"\1\0\0\0" + zlib.compress(xmp(8, True)))):
        yield name + ".png", png(rgb, 8, 2, chunks=[(kind, data)])
    yield "exif_before_xmp.png", png(rgb, 8, 2, chunks=[(b"iTXt", xml + b"\0\0\0\0" + xmp(6)), (b"eXIf", exif(3, "<")[6:])])
    plain = saved(Image.fromarray(rgb), "JPEG", quality=80)
    packet = b"http://ns.adobe.com/xap/1.0/\0" + xmp(5, True)
    yield "xmp5.jpg", plain[:2] + b"\xff\xe1" + struct.pack(">H", len(packet) + 2) + packet + plain[2:]
    yield "xmp7.webp", saved(Image.fromarray(rgb), "WEBP", lossless=True, xmp=xmp(7))


# ---- what else was missing

def kinds():
    four = photo(4)[::-1]
    four[..., 3] = 0
    yield "alpha_all_0.bmp", bmp(np.ascontiguousarray(four[..., [2, 1, 0, 3]]).tobytes(), WIDTH, HEIGHT, 32, 3,
                                 (0xFF0000, 0xFF00, 0xFF, 0xFF000000), header_size=124)
    deep = photo(1)[..., 0].astype(np.uint16) * 16 + 9
    yield "grey_12_of_16.png", png(deep, 16, 0)
    yield "rgb_12_of_16.png", png(photo(3).astype(np.uint16) * 16 + 9, 16, 2)
    yield "rgba16.png", png(photo(4).astype(np.uint16) * 251 + 77, 16, 6)


def by_pillow():
    rgb, grey, rgba = Image.fromarray(photo(3)), Image.fromarray(photo(1)[..., 0]), Image.fromarray(photo(4))
    deep = Image.fromarray(photo(1)[..., 0].astype(np.uint16) * 251 + 77)
    for name in ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits", "zstd"):
        yield f"rgb_{name}.tif", saved(rgb, "TIFF", compression=name)
    yield "rgb_predictor.tif", saved(rgb, "TIFF", compression="tiff_lzw", tiffinfo={317: 2})
    yield "rgb_jpeg.tif", saved(rgb, "TIFF", compression="jpeg", quality=80)
    yield "grey_jpeg.tif", saved(grey, "TIFF", compression="jpeg", quality=80)
    yield "grey8.tif", saved(grey, "TIFF", compression="tiff_lzw")
    yield "grey16.tif", saved(deep, "TIFF", compression="tiff_adobe_deflate")
    yield "grey1.tif", saved(grey.convert("1"), "TIFF", compression="group4")
    yield "palette.tif", saved(rgb.quantize(32), "TIFF", compression="tiff_lzw")
    yield "cmyk.tif", saved(Image.fromarray(photo(4), "CMYK"), "TIFF", compression="tiff_lzw")
    yield "ycc.tif", saved(Image.fromarray(photo(3), "YCbCr"), "TIFF")
    yield "ycc.jp2", saved(Image.fromarray(photo(3), "YCbCr"), "JPEG2000")
    yield "grey_alpha.tif", saved(Image.fromarray(photo(2), "LA"), "TIFF")
    yield "pages.tif", saved(rgb, "TIFF", save_all=True, append_images=[ImageOps.invert(rgb)])
    yield "moving.gif", saved(rgb, "GIF", save_all=True, append_images=[ImageOps.invert(rgb)])
    for name, image in (("rgb", rgb), ("grey", grey), ("rgba", rgba), ("grey_alpha", Image.fromarray(photo(2), "LA"))):
        yield name + ".jp2", saved(image, "JPEG2000")
    yield "lossy.jp2", saved(rgb, "JPEG2000", irreversible=True, quality_mode="dB", quality_layers=[38])
    yield "tiles.j2k", saved(rgb, "JPEG2000", tile_size=(8, 8), no_jp2=True)
    yield "grey16.jp2", saved(deep, "JPEG2000")


def by_libheif(folder):
    """HEIC and AVIF, and what libheif's own program makes of them: no other library rounds alike."""
    for name, picture, options in (("photo.heic", photo(3), ()), ("lossless.heic", photo(3), ("-L",)), ("photo.avif", photo(3), ("-A",)),
                                   ("alpha.heic", photo(4), ())):
        source, file, back = folder / "in.png", folder / name, folder / "out.png"
        Image.fromarray(picture).save(source)
        subprocess.run(["heif-enc", *options, "-q", "60", str(source), "-o", str(file)], check=True, capture_output=True)
        subprocess.run(["heif-convert", str(file), str(back)], check=True, capture_output=True)
        yield name, file.read_bytes(), back.read_bytes()


# ---- expected values

TRANSPARENT = ("rgba8.png", "rgba8_interlaced.png", "grey_alpha8.png", "palette_trns.png", "grey_trns.png", "rgb_trns.png", "bmp32_alpha.bmp",
               "lossless_alpha.webp", "lossy_alpha.webp")


def expected(data, background, depth):
    image = Image.open(io.BytesIO(data))
    image.load()
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I;16"):  # Pillow saturates; graft keeps the highest bits, as Pillow does for 16-bit colour
        image = Image.fromarray(np.minimum(np.asarray(image).astype(np.uint16) >> (depth - 8), 255).astype(np.uint8))
    elif background != "none" and image.has_transparency_data:
        image = Image.alpha_composite(Image.new("RGBA", image.size, background), image.convert("RGBA"))
    return np.asarray(image.convert("RGB"))


def rows(name, data):
    pixels = {background: expected(data, background, 16) for background in ("none", "white", "black")}
    if name.startswith("alpha_all_0"):  # is a photo, see decode.h
        pixels = {background: pixels["none"] for background in pixels}
    if name == "rgb_12_of_16.png":
        yield row(name, "none", 12, photo(3))
    if name.startswith("grey_12_of_16"):
        yield row(name, "none", 12, expected(data, "none", 12))
    yield row(name, "none", 16, pixels["none"])
    for background in ("white", "black"):
        if pixels[background].tobytes() != pixels["none"].tobytes() or name.startswith("alpha_all_0"):
            yield row(name, background, 16, pixels[background])


def row(name, background, depth, pixels):
    height, width = pixels.shape[:2]
    return {"file": name, "background": background, "depth": depth, "width": width, "height": height, "sha256": digest(pixels)}


def main():
    assert __version__.startswith("13."), "the values are those of Pillow 13"
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.iterdir():
        old.unlink()
    goldens = []
    for make in (turned, kinds, by_pillow, tiffs, gifs):
        for name, data in make():
            (FOLDER / name).write_bytes(data)
            goldens += rows(name, data)
    with tempfile.TemporaryDirectory() as place:
        for name, data, as_png in by_libheif(pathlib.Path(place)):
            (FOLDER / name).write_bytes(data)
            goldens += rows(name, as_png)
    for name in TRANSPARENT:
        goldens += rows("../fixtures/" + name, (TESTS / "fixtures" / name).read_bytes())
    (TESTS / "format_goldens.json").write_text("[\n" + ",\n".join(json.dumps(r) for r in goldens) + "\n]\n")


if __name__ == "__main__":
    main()
