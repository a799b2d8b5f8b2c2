"""ZIP archives to send, real and hostile, made here."""

import io
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo


def zipped(*files: tuple[str | ZipInfo, bytes], method: int = ZIP_DEFLATED) -> bytes:
    """An archive of these files."""
    out = io.BytesIO()
    with ZipFile(out, "w", method) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return out.getvalue()
