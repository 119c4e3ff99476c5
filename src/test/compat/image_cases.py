"""Makes small image files of many kinds in a ZIP file, and what Pillow reads of them.

    python3 src/test/compat/image_cases.py plugins/images/src/test/resources/pillow.zip

NAME is the file, NAME.rgb the bytes of Image.open(NAME).convert("RGB"), row by row; sizes.txt has their widths and heights.
Made with Pillow 13.0 (libjpeg-turbo 3.2). No part of the build.
"""

import io
import struct
import sys
import zipfile
import zlib

import numpy as np
from PIL import Image, ImageCms

cases = zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED)
random = np.random.default_rng(1)
sizes = []


def smooth(width, height):
    steps = random.integers(-9, 10, (2, height, width, 3))
    values = np.cumsum(steps[0], axis=0) + np.cumsum(steps[1], axis=1) + 128
    return Image.fromarray(np.clip(values, 0, 255).astype("uint8"))


def encoded(image, kind, **options):
    target = io.BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


def add(name, content):
    cases.writestr(zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)


def keep(name, content):
    image = Image.open(io.BytesIO(content)).convert("RGB")
    add(name, content)
    add(name + ".rgb", image.tobytes())
    sizes.append(f"{name} {image.width} {image.height}\n")


def relabelled(jpeg, ids, jfif, adobe):
    """The JPEG with other component ids, and with the markers asked for and no others."""
    result, at = b"\xff\xd8", 2
    if jfif:
        result += bytes.fromhex("ffe000104a46494600010100000100010000")
    if adobe is not None:
        result += b"\xff\xee\x00\x0eAdobe\x00\x64\0\0\0\0" + bytes([adobe])
    while True:
        marker, length = jpeg[at + 1], struct.unpack(">H", jpeg[at + 2 : at + 4])[0]
        segment = bytearray(jpeg[at : at + 2 + length])
        if marker in (0xC0, 0xC2):
            segment[10 : 10 + 3 * segment[9] : 3] = bytes(ids)
        if marker == 0xDA:
            segment[5 : 5 + 2 * segment[4] : 2] = bytes(ids)
            return result + bytes(segment) + jpeg[at + 2 + length :]
        if not 0xE0 <= marker <= 0xEF:
            result += bytes(segment)
        at += 2 + length


def resampled(jpeg, width, height, factors):
    """The JPEG with another size and sampling of its first component; the blocks must be as many."""
    result, at = bytearray(jpeg), 2
    while result[at + 1] not in (0xC0, 0xC2):
        at += 2 + struct.unpack(">H", result[at + 2 : at + 4])[0]
    result[at + 5 : at + 9] = struct.pack(">HH", height, width)
    result[at + 11] = factors
    return bytes(result)


def png(width, height, depth, kind, interlaced, *chunks):
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[kind]
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    data = b""
    for x, y, across, down in passes if interlaced else [(0, 0, 1, 1)]:
        columns, rows = (width - x + across - 1) // across, (height - y + down - 1) // down
        if columns > 0:
            data += b"".join(bytes([y % 5]) + random.bytes((columns * depth * channels + 7) // 8) for y in range(rows))
    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, interlaced)
    result = b"\x89PNG\r\n\x1a\n"
    for kind, content in [(b"IHDR", header), *chunks, (b"IDAT", zlib.compress(data)), (b"IEND", b"")]:
        result += struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
    return result


def bmp(bits, compression, data, width, height, palette=b"", masks=b""):
    start = 54 + len(masks) + len(palette)
    file = b"BM" + struct.pack("<IHHI", start + len(data), 0, 0, start)
    info = (40, width, height, 1, bits, compression, len(data), 0, 0, len(palette) // 4, 0)
    return file + struct.pack("<IiiHHIIiiII", *info) + masks + palette + data


image = smooth(21, 13)
for sampling in ("4:4:4", "4:2:2", "4:2:0"):
    for progressive in (False, True):
        name = f"jpeg-{sampling.replace(':', '')}{'-progressive' if progressive else ''}.jpg"
        keep(name, encoded(image, "JPEG", subsampling=sampling, progressive=progressive))
keep("jpeg-440.jpg", resampled(encoded(smooth(21, 13), "JPEG", subsampling="4:2:2"), 13, 21, 0x12))
keep("jpeg-411.jpg", resampled(encoded(smooth(32, 32), "JPEG", subsampling="4:2:0"), 64, 16, 0x41))
plain = encoded(image, "JPEG", subsampling="4:4:4")
for label, ids in {"123": (1, 2, 3), "012": (0, 1, 2), "RGB": b"RGB", "rgb": b"rgb"}.items():
    for markers, jfif, adobe in (("none", 0, None), ("jfif-adobe0", 1, 0), ("adobe0", 0, 0), ("adobe1", 0, 1)):
        keep(f"jpeg-ids-{label}-{markers}.jpg", relabelled(plain, ids, jfif, adobe))
keep("jpeg-gray.jpg", encoded(image.convert("L"), "JPEG"))
keep("jpeg-restart.jpg", encoded(image, "JPEG", restart_marker_blocks=1))
cmyk = encoded(image.convert("CMYK"), "JPEG")
for label, adobe in (("none", None), ("adobe0", 0), ("adobe2", 2)):
    keep(f"jpeg-cmyk-{label}.jpg", relabelled(cmyk, (1, 2, 3, 4), 0, adobe))
for space in ("sRGB", "LAB"):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile(space)).tobytes()
    keep(f"jpeg-profile-{space}.jpg", encoded(image, "JPEG", icc_profile=profile))
for kind, depths in {0: (1, 2, 4, 8), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}.items():
    for depth in depths:
        palette = [(b"PLTE", random.bytes(3 << depth))] if kind == 3 else []
        keep(f"png-{kind}-{depth}.png", png(9, 7, depth, kind, 0, *palette))
        keep(f"png-{kind}-{depth}-interlaced.png", png(9, 7, depth, kind, 1, *palette))
keep("png-palette-transparent.png", png(9, 7, 2, 3, 0, (b"PLTE", random.bytes(12)), (b"tRNS", b"\0\x80\xff\1")))
keep("png-transparent-colour.png", png(9, 7, 8, 2, 0, (b"tRNS", b"\0\1\0\2\0\3")))
few = image.quantize(50)
keep("gif.gif", encoded(few, "GIF", interlace=0))
keep("gif-interlaced.gif", encoded(few, "GIF", interlace=1))
keep("gif-transparent.gif", encoded(few, "GIF", transparency=3))
for mode in ("1", "L", "P", "RGB", "RGBA"):
    keep(f"bmp-{mode}.bmp", encoded(image.convert(mode), "BMP"))
keep("bmp-555.bmp", bmp(16, 0, random.bytes(8 * 2 * 5), 8, 5))
keep("bmp-565.bmp", bmp(16, 3, random.bytes(8 * 2 * 5), 8, 5, masks=struct.pack("<III", 0xF800, 0x7E0, 0x1F)))
runs = b"".join(b"\x05" + bytes([y]) + b"\x00\x03\1\2\3\0" + b"\0\0" for y in range(5)) + b"\0\1"
keep("bmp-rle8.bmp", bmp(8, 1, runs, 8, 5, random.bytes(1024)))
for mode in ("1", "L", "P", "RGB", "RGBA"):
    for compression in (None, "tiff_lzw", "tiff_adobe_deflate", "packbits"):
        keep(f"tiff-{mode}-{compression}.tiff", encoded(image.convert(mode), "TIFF", compression=compression))
for orientation in range(2, 9):
    exif = Image.Exif()
    exif[0x112] = orientation
    keep(f"tiff-orientation-{orientation}.tiff", encoded(smooth(5, 3), "TIFF", exif=exif))
add("sizes.txt", "".join(sizes))
cases.close()
