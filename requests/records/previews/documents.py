"""PDF: its pages drawn by pdfium, which runs no scripts here, and their text. And plain text, cut into pages."""

import codecs
import unicodedata
from collections.abc import Sequence
from typing import BinaryIO

import pypdfium2
from PIL import Image

from records.formats import text as plain_text
from records.previews.frames import MOST_PAGES, MOST_TEXT, MOST_TEXTS, TEXT, Output
from records.previews.pictures import show

SCALE = 150 / 72  # pixels for each point
LONGEST, USUAL = 2400, 1650  # pixels of the longer side: at most, and what a smaller page is enlarged to
LARGEST_SCALE = 4  # of pages as small as a card
ON_A_PAGE = 4000  # characters of a plain text


def pdf(file: BinaryIO, output: Output, pages: Sequence[int]) -> int:
    """Draw ``pages`` (numbers from 1) in this order; returns how many pages can be looked at. Raises what pdfium raises."""
    with pypdfium2.PdfDocument(file) as document:
        document.init_forms()  # what was filled into a form is drawn with it
        count = min(len(document), MOST_PAGES)
        for number in pages:
            if number <= count:
                show(drawn(document, number), output, number, is_first=number == 1)
    return count


def drawn(document: pypdfium2.PdfDocument, number: int) -> Image.Image:
    """The page as a picture on white, at most ``LONGEST`` pixels long. Raises what pdfium raises."""
    page = document[number - 1]
    longer = max(page.get_size()) or 1
    scale = min(LARGEST_SCALE, max(SCALE, USUAL / longer), LONGEST / longer)
    bitmap = page.render(scale=scale)
    image = bitmap.to_pil().convert("RGB")
    bitmap.close()
    page.close()
    return image


def text(file: BinaryIO, output: Output, _pages: Sequence[int]) -> int:
    """Hand over the text of every page that has some, until there is too much of it; returns as ``pdf``."""
    with pypdfium2.PdfDocument(file) as document:
        count, left = min(len(document), MOST_PAGES), MOST_TEXTS
        for number in range(1, count + 1):
            found = words_on(document, number)[:left]
            left -= len(found)
            if found:
                output.put(TEXT, found.encode("utf-8", "ignore"), number)
    return count


def words_on(document: pypdfium2.PdfDocument, number: int) -> str:
    """The text of a page, at most ``MOST_TEXT`` characters."""
    page = document[number - 1]
    words = page.get_textpage()
    length = min(words.count_chars(), MOST_TEXT)
    found = words.get_text_range(0, length).strip() if length > 0 else ""
    words.close()
    page.close()
    return unicodedata.normalize("NFC", found)[:MOST_TEXT]


def words(file: BinaryIO, output: Output, _pages: Sequence[int]) -> int:
    """Hand over a plain text in pages of at most ``ON_A_PAGE`` characters that end with a line; returns how many there are."""
    encoding = plain_text.facts(file)["encoding"]
    file.seek(0)
    whole = codecs.getreader(str(encoding))(file).read(MOST_TEXTS).replace("\r\n", "\n").replace("\r", "\n")
    number, at = 0, 0
    while at < len(whole) and number < MOST_PAGES:
        end = whole.rfind("\n", at, at + ON_A_PAGE) + 1 if len(whole) - at > ON_A_PAGE else len(whole)
        end = end if end > at else at + ON_A_PAGE
        number += 1
        output.put(TEXT, whole[at:end].encode("utf-8", "ignore"), number)
        at = end
    return max(number, 1)
