"""Files to send: real ones made or found here, and hostile ones."""

import io
import struct
import zlib
from pathlib import Path

import pikepdf
import pillow_heif
from PIL import Image
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.uid import DeflatedExplicitVRLittleEndian
from weasyprint import HTML

pillow_heif.register_heif_opener()

HTML_PAGE = b"<!DOCTYPE html><html><head><title>Report</title></head><body>Not a PDF</body></html>"
POSTSCRIPT = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\nshowpage\n%%EOF\n"
ZIP = b"PK\x03\x04\x14\x00\x00\x00\x00\x00" + b"\x00" * 40


def saved(pdf: pikepdf.Pdf, **options: object) -> bytes:
    """The bytes of a PDF."""
    out = io.BytesIO()
    pdf.save(out, **options)
    return out.getvalue()


def pdf(pages: int = 1, mark: str = "") -> bytes:
    """A PDF of so many pages; ``mark`` makes its content another one."""
    made = pikepdf.new()
    for _ in range(pages):
        made.add_blank_page()
    made.docinfo["/Title"] = mark or "Report"
    return saved(made)


def printed_pdf() -> bytes:
    """A PDF as a hospital's software would print it, with text, fonts and three pages."""
    page = "<h1>Discharge letter</h1><p>The knee was examined.</p><div style='break-after:page'></div>"
    return HTML(string=page * 2 + "<p>End</p>").write_pdf()


def locked_pdf(password: str) -> bytes:
    """A PDF that opens with ``password`` only; with an empty one it opens, but may not be copied from."""
    made = pikepdf.new()
    made.add_blank_page()
    return saved(made, encryption=pikepdf.Encryption(user=password, owner="owner's secret", allow=pikepdf.Permissions(extract=False)))


def active_pdf() -> bytes:
    """A PDF with a script that runs when it opens, a launch action on its page, and a file inside."""
    made = pikepdf.new()
    made.add_blank_page()
    made.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
    made.pages[0].obj.AA = pikepdf.Dictionary(O=pikepdf.Dictionary(S=pikepdf.Name.Launch, F="calc.exe"))
    made.attachments["notes.txt"] = b"inside"
    return saved(made, object_stream_mode=pikepdf.ObjectStreamMode.generate)


def picture(kind: str, size: tuple[int, int] = (120, 80), colour: int = 90) -> bytes:
    """A picture of noise, as ``JPEG``, ``PNG``, ``TIFF`` or ``HEIF``."""
    out = io.BytesIO()
    Image.effect_noise(size, colour).convert("RGB").save(out, kind)
    return out.getvalue()


def fax(pages: int = 3, compression: str = "group4", **options: object) -> bytes:
    """A TIFF as a scanner makes it: so many pages in black and white."""
    out = io.BytesIO()
    made = [Image.effect_noise((640, 400), 60 + page).convert("1") for page in range(pages)]
    made[0].save(out, "TIFF", save_all=True, append_images=made[1:], compression=compression, **options)
    return out.getvalue()


def blank_png(side: int) -> bytes:
    """A PNG of one colour, small on disk and large in memory."""
    out = io.BytesIO()
    Image.new("RGB", (side, side)).save(out, "PNG")
    return out.getvalue()


def png_bomb(side: int = 40_000) -> bytes:
    """A PNG of about 200 kB that asks for ``side`` squared pixels."""
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    squeezer = zlib.compressobj(9)
    row = b"\x00" * (side + 1)
    data = b"".join(squeezer.compress(row) for _ in range(200)) + squeezer.flush()
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, body) for name, body in ((b"IHDR", header), (b"IDAT", data), (b"IEND", b"")))


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def dicom(name: str = "CT_small.dcm") -> bytes:
    """One of pydicom's own test files."""
    found = get_testdata_file(name, download=False)
    assert found, f"{name} is not shipped with pydicom"
    return Path(str(found)).read_bytes()


def dicom_of(**elements: object) -> bytes:
    """A CT slice with other header values."""
    dataset = dcmread(io.BytesIO(dicom()))
    for keyword, value in elements.items():
        setattr(dataset, keyword, value)
    out = io.BytesIO()
    dataset.save_as(out)
    return out.getvalue()


def deflated_bomb(inflated: int = 100 * 1024 * 1024) -> bytes:
    """A deflated DICOM file of a few hundred kB: its header goes on for ``inflated`` bytes of tiny elements."""
    dataset = dcmread(io.BytesIO(dicom("image_dfl.dcm")))
    out = io.BytesIO()
    dataset.save_as(out)
    whole = out.getvalue()
    assert dataset.file_meta.TransferSyntaxUID == DeflatedExplicitVRLittleEndian
    meta = 128 + 4 + 12 + dataset.file_meta.FileMetaInformationGroupLength
    element = struct.pack("<HH2sH", 0x0009, 0x0010, b"LO", 0)
    squeezer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    block = element * 131072
    body = b"".join(squeezer.compress(block) for _ in range(max(1, inflated // len(block)))) + squeezer.flush()
    return whole[:meta] + body
