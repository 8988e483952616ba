"""Small media made by vips and ffmpeg, one file for each kind and format, made once in a run."""

import os
import subprocess

MIME = {
    "jpg": "image/jpeg", "png": "image/png", "gif": "image/gif", "webp": "image/webp",
    "mp3": "audio/mpeg", "wav": "audio/x-wav", "amr": "audio/amr",
    "mp4": "video/mp4", "mpg": "video/mpeg", "avi": "video/x-msvideo", "wmv": "video/x-ms-wmv",
    "mov": "video/quicktime", "3gp": "video/3gpp",
    "vcf": "text/vcard", "ics": "text/calendar", "pdf": "application/pdf",
}
FORMATS = {
    "image": ("jpg", "png", "gif", "webp"),
    "audio": ("mp3", "wav", "amr"),
    "video": ("mp4", "mpg", "avi", "wmv", "mov", "3gp"),
    "vcard": ("vcf",), "ical": ("ics",), "pdf": ("pdf",),
}
ALL_FORMATS = [(kind, fmt) for kind, fmts in FORMATS.items() for fmt in fmts]

VCARD = "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Moreau;Ana;;;\r\nFN:Ana Moreau\r\nTEL;TYPE=CELL:+15550100\r\nEND:VCARD\r\n"
ICAL = ("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//savemms//tests//EN\r\nBEGIN:VEVENT\r\nUID:1@example.com\r\n"
        "DTSTAMP:20260101T000000Z\r\nDTSTART:20260102T100000Z\r\nSUMMARY:Fitting\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")
PDF = (b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
       b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\nxref\n0 4\n0000000000 65535 f \n"
       b"0000000009 00000 n \n0000000052 00000 n \n0000000101 00000 n \ntrailer<</Size 4/Root 1 0 R>>\nstartxref\n"
       b"164\n%%EOF\n")
TONE = ["-f", "lavfi", "-i", "sine=frequency=440:duration=2"]
PICTURE = ["-f", "lavfi", "-i", "testsrc=size=320x240:rate=15:duration=2"]

RECIPE = {
    "mp3": TONE + ["-c:a", "libmp3lame", "-b:a", "64k"],
    "wav": TONE + ["-ar", "16000"],
    "amr": TONE + ["-c:a", "amr_nb", "-ar", "8000", "-ac", "1", "-b:a", "12.2k"],
    "mp4": PICTURE + TONE + ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac"],
    "mov": PICTURE + TONE + ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac"],
    "mpg": PICTURE + TONE + ["-r", "25", "-c:v", "mpeg1video", "-c:a", "mp2"],
    "avi": PICTURE + TONE + ["-c:v", "mpeg4", "-c:a", "libmp3lame"],
    "wmv": PICTURE + TONE + ["-c:v", "wmv2", "-c:a", "wmav2"],
    "3gp": PICTURE + TONE + ["-s", "176x144", "-c:v", "h263", "-c:a", "amr_nb", "-ar", "8000", "-ac", "1",
                             "-b:a", "12.2k"],
}


def run(*argv):
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=120)
    assert done.returncode == 0, (argv, done.stderr.decode(errors="replace"))


def ffmpeg(path, *args):
    run("ffmpeg", "-nostdin", "-hide_banner", "-loglevel", "error", "-y", "-threads", "1", *args, path)


def read(path):
    with open(path, "rb") as f:
        return f.read()


class Samples:
    """samples["jpg"] is the bytes of a JPEG. Each sample is made when it is first used."""

    def __init__(self, folder):
        self.folder, self.made = str(folder), {}
        os.makedirs(self.folder, exist_ok=True)

    def __getitem__(self, fmt):
        if fmt not in self.made:
            self.made[fmt] = self.make(fmt)
        return self.made[fmt]

    def path(self, name):
        return os.path.join(self.folder, name)

    def make(self, fmt):
        if fmt in ("vcf", "ics", "pdf"):
            return {"vcf": VCARD.encode(), "ics": ICAL.encode(), "pdf": PDF}[fmt]
        if fmt in FORMATS["image"]:
            return self.image(640, 480, fmt)
        path = self.path("sample." + fmt)
        ffmpeg(path, *RECIPE[fmt])
        return read(path)

    def image(self, width, height, fmt="jpg", noise=0):
        """Returns an image of this size. noise makes it hard to compress."""
        name = f"{width}x{height}-{noise}.{fmt}"
        if name not in self.made:
            tif, path = self.path(name + ".v"), self.path(name)
            if noise:
                run("vips", "gaussnoise", tif, str(width), str(height), "--mean", "128", "--sigma", str(noise))
            else:
                run("vips", "sines", tif + "0.v", str(width), str(height), "--hfreq", "3", "--vfreq", "2", "--uchar")
                run("vips", "bandjoin", f"{tif}0.v {tif}0.v {tif}0.v", tif)
            run("vips", "cast", tif, tif + "1.v", "uchar")
            run("vips", "copy", tif + "1.v", path + "[strip]")
            self.made[name] = read(path)
        return self.made[name]

    def animation(self, frames, size=64):
        """Returns an animated GIF."""
        name = f"animation-{frames}-{size}.gif"
        if name not in self.made:
            ffmpeg(self.path(name), "-f", "lavfi", "-i", f"testsrc=size={size}x{size}:rate=10", "-frames:v", str(frames))
            self.made[name] = read(self.path(name))
        return self.made[name]

    def with_gps(self):
        """Returns a JPEG with an EXIF block that holds a position and a camera's name."""
        if "gps" not in self.made:
            jpeg = self.image(640, 480)
            self.made["gps"] = jpeg[:2] + exif_block() + jpeg[2:]
        return self.made["gps"]


def exif_block():
    """Returns an APP1 segment with Make "Cam", orientation 6 and GPS latitude 59 N (TIFF 6.0, EXIF 2.3)."""
    def entry(tag, kind, count, value):
        return tag.to_bytes(2, "big") + kind.to_bytes(2, "big") + count.to_bytes(4, "big") + value
    gps_at = 8 + 2 + 3 * 12 + 4
    main = (3).to_bytes(2, "big") + entry(0x010F, 2, 4, b"Cam\0") + entry(0x0112, 3, 1, b"\0\x06\0\0") \
        + entry(0x8825, 4, 1, gps_at.to_bytes(4, "big")) + b"\0" * 4
    rationals_at = gps_at + 2 + 2 * 12 + 4
    gps = (2).to_bytes(2, "big") + entry(1, 2, 2, b"N\0\0\0") + entry(2, 5, 3, rationals_at.to_bytes(4, "big")) + b"\0" * 4
    rationals = b"".join(n.to_bytes(4, "big") + (1).to_bytes(4, "big") for n in (59, 20, 1))
    tiff = b"MM\0*\0\0\0\x08" + main + gps + rationals
    body = b"Exif\0\0" + tiff
    return b"\xff\xe1" + (len(body) + 2).to_bytes(2, "big") + body
