"""The safe copy of a PDF: each kind of thing that can act is gone, and what was to be read is still there."""

import io

import pikepdf
import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name, Stream, String

from records.formats.pdf import active_content
from records.previews import frames
from records.previews.cleaning import clean
from tests.records.files import printed_pdf, saved


def cleaned(data: bytes) -> bytes:
    """The safe copy, as the child makes it, without a process of its own."""
    out = io.BytesIO()
    clean(io.BytesIO(data), frames.Output(out), [])
    held, pieces = out.getvalue(), b""
    while held:
        *_, length = frames.HEAD.unpack_from(held)
        pieces += held[frames.HEAD.size : frames.HEAD.size + length]
        held = held[frames.HEAD.size + length :]
    return pieces


def action(kind: str, **more: object) -> Dictionary:
    return Dictionary(S=Name(f"/{kind}"), **more)


SCRIPT = {"JS": String("app.alert('acted')")}
ACTIONS = {
    "script": action("JavaScript", **SCRIPT),
    "launch": action("Launch", F=String("acted.exe")),
    "submit": action("SubmitForm", F=Dictionary(FS=Name.URL, F=String("https://acted.example"))),
    "import": action("ImportData", F=String("acted.fdf")),
    "web": action("URI", URI=String("https://acted.example")),
    "other document": action("GoToR", F=String("acted.pdf"), D=Array([0])),
    "document inside": action("GoToE", F=String("acted.pdf"), D=Array([0])),
    "film": action("Rendition", OP=0, **SCRIPT),
    "hide": action("Hide", T=String("acted")),
    "chain": action("GoTo", D=Array([0]), Next=action("URI", URI=String("https://acted.example"))),
    "several": Array([action("JavaScript", **SCRIPT)]),
}
MARKS = ("FileAttachment", "RichMedia", "Movie", "Sound", "Screen", "3D", "Widget", "TrapNet")


def with_link(does: object) -> bytes:
    pdf = pikepdf.open(io.BytesIO(printed_pdf()))
    link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 100, 100]), A=does, PA=does, AA=Dictionary(E=does))
    pdf.pages[0].obj.Annots = Array([pdf.make_indirect(link)])
    pdf.pages[0].obj.AA = Dictionary(O=does, C=does)
    pdf.Root.OpenAction = does
    pdf.Root.AA = Dictionary(WC=does)
    pdf.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array([String("a"), does])))
    return saved(pdf)


@pytest.mark.parametrize("kind", ACTIONS)
def test_no_action_is_left_wherever_it_stands(kind):
    dirty = with_link(ACTIONS[kind])
    copy = cleaned(dirty)
    with pikepdf.open(io.BytesIO(copy)) as pdf:
        assert "acted" not in "".join(str(item.unparse()) if not isinstance(item, Stream) else repr(dict(item)) for item in pdf.objects)
        assert not {"/OpenAction", "/AA", "/Names", "/AcroForm"} & set(pdf.Root.keys())
        left = pdf.pages[0].obj.Annots[0].get("/A", Dictionary(S=Name.GoTo))
        assert (str(left.S), "/Next" in left, "/AA" in pdf.pages[0].obj) == ("/GoTo", False, False)
        assert not list(active_content(pdf))


@pytest.mark.parametrize("kind", MARKS)
def test_no_mark_is_left_that_is_more_than_looked_at(kind):
    pdf = pikepdf.open(io.BytesIO(printed_pdf()))
    inside = pdf.make_indirect(Dictionary(Type=Name.Filespec, F=String("acted.exe"), EF=Dictionary(F=pdf.make_stream(b"acted"))))
    mark = Dictionary(Type=Name.Annot, Subtype=Name(f"/{kind}"), Rect=Array([0, 0, 9, 9]), FS=inside, RichMediaContent=Dictionary(A=inside))
    note = Dictionary(Type=Name.Annot, Subtype=Name.Text, Rect=Array([0, 0, 9, 9]), Contents=String("kept"))
    mark, note = pdf.make_indirect(mark), pdf.make_indirect(note)
    note.IRT = mark
    pdf.pages[0].obj.Annots = Array([mark, note])
    pdf.attachments["acted.txt"] = b"acted"
    pdf.Root.AF = Array([inside])
    with pikepdf.open(io.BytesIO(cleaned(saved(pdf)))) as copy:
        assert [str(left.Subtype) for left in copy.pages[0].obj.Annots] == ["/Text"]
        whole = b"".join(item.read_bytes() if isinstance(item, Stream) else item.unparse() for item in copy.objects)
        assert b"acted" not in whole and b"kept" in whole
        assert not copy.attachments


def test_a_stream_whose_bytes_are_in_another_file_is_cut_off_from_it():
    pdf = pikepdf.open(io.BytesIO(printed_pdf()))
    picture = pdf.make_stream(b"", Type=Name.XObject, Subtype=Name.Image, Width=1, Height=1, F=String("acted.jpg"))
    pdf.pages[0].obj.Resources.XObject = Dictionary(Im0=picture)
    with pikepdf.open(io.BytesIO(cleaned(saved(pdf)))) as copy:
        assert "/F" not in copy.pages[0].obj.Resources.XObject.Im0


def test_what_was_filled_into_a_form_stays_readable_and_hidden_layers_hidden():
    pdf = pikepdf.open(io.BytesIO(printed_pdf()))
    look = pdf.make_stream(b"BT /F1 12 Tf 5 5 Td (ALLERGIC) Tj ET", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 100, 30]))
    look.Resources = Dictionary(Font=Dictionary(F1=Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)))
    field = {"Subtype": Name.Widget, "FT": Name.Tx, "T": String("a"), "V": String("ALLERGIC"), "F": 4}
    widget = pdf.make_indirect(Dictionary(Type=Name.Annot, Rect=Array([50, 50, 150, 80]), AP=Dictionary(N=look), **field))
    pdf.pages[0].obj.Annots = Array([widget])
    pdf.Root.AcroForm = Dictionary(Fields=Array([widget]), XFA=pdf.make_stream(b"acted"))
    layer = pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String("layer")))
    pdf.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=Dictionary(OFF=Array([layer])))
    copy = cleaned(saved(pdf))
    with pypdfium2.PdfDocument(copy) as shown:
        assert len(shown) == 3 and "ALLERGIC" in shown[0].get_textpage().get_text_range()
    with pikepdf.open(io.BytesIO(copy)) as left:
        assert len(left.Root.OCProperties.D.OFF) == 1 and "/AcroForm" not in left.Root


def test_a_file_that_never_ends_is_given_up():
    pdf = pikepdf.new()
    pdf.add_blank_page()
    loop = pdf.make_indirect(Dictionary(Type=Name.Loop))
    loop.Again = loop
    pdf.pages[0].obj.Resources = Dictionary(Loop=loop)
    assert cleaned(saved(pdf)).startswith(b"%PDF-")
