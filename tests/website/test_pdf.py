"""The PDF of the whole book: every page in it, bookmarks, links that work, nothing blank."""

import re
import subprocess
import sys
import unicodedata

import book_pdf
import locations
import pypdfium2
import pytest
import yaml
from bs4 import BeautifulSoup
from built import parsed
from pypdf import PdfReader
from pypdf.generic import IndirectObject

FILES = book_pdf.files(yaml.safe_load((locations.ROOT / "_toc.yml").read_text("utf-8")))


@pytest.fixture(scope="module")
def printed(site, tmp_path_factory):
    """Return the path of the book, printed from the built site."""
    target = tmp_path_factory.mktemp("pdf") / "book.pdf"
    # In a process of its own: the browser of the other tests may run in this one.
    command = [sys.executable, book_pdf.__file__, target]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert list(target.parent.iterdir()) == [target]
    return target


@pytest.fixture(scope="module")
def pdf(printed):
    return PdfReader(printed)


@pytest.fixture(scope="module")
def texts(printed):
    """Return the text of each sheet."""
    with pypdfium2.PdfDocument(printed) as document:
        return [sheet.get_textpage().get_text_range() for sheet in document]


@pytest.fixture(scope="module")
def headings(site):
    """Return the depth and the title of each page's headings on the site, the page's own first."""
    return [
        [
            (int(heading.name[1]) + level - 1, heading.get_text().removesuffix("#"))
            for heading in parsed(site / f"{name}.html").select(":is(h1, h2, h3, h4):has(> a)")
        ]
        for name, level in FILES
    ]


def bookmarks(pdf):
    """Return each bookmark's depth, its title and the sheet it leads to, from 0, in order."""

    def walk(entries, depth):
        for entry in entries:
            if isinstance(entry, list):
                yield from walk(entry, depth + 1)
            else:
                yield depth, entry.title, pdf.get_destination_page_number(entry)

    return list(walk(pdf.outline, 1))


def links(pdf):
    """Return each link's sheet and its target: an address, or the sheet that it leads to."""
    for number, sheet in enumerate(pdf.pages):
        for annotation in sheet.get("/Annots", []):
            link = annotation.get_object()
            if link["/Subtype"] == "/Link":
                yield number, target(pdf, link)


def target(pdf, link):
    if "/A" in link and "/URI" in link["/A"]:
        return link["/A"]["/URI"]
    place = link["/Dest"] if "/Dest" in link else link["/A"]["/D"]
    if isinstance(place, str):
        return pdf.get_destination_page_number(pdf.named_destinations[place])
    assert isinstance(place[0], IndirectObject)
    return pdf.get_page_number(place[0].get_object())


def test_bookmarks_are_the_books_headings(pdf, headings):
    front, *rest = headings
    expected = [*front, (1, "Contents"), *(heading for page in rest for heading in page)]
    assert [(depth, title) for depth, title, _ in bookmarks(pdf)] == expected
    sheets = [sheet for _, _, sheet in bookmarks(pdf)]
    assert sheets == sorted(sheets)


def test_links_lead_into_the_book_or_to_the_web(pdf):
    inside = [to for _, to in links(pdf) if isinstance(to, int)]
    outside = [to for _, to in links(pdf) if isinstance(to, str)]
    assert outside
    assert [to for to in outside if not to.startswith("https://")] == []
    assert len(inside) > 2 * len(FILES)


def test_contents_lead_to_each_page(pdf, headings):
    sheets = iter(sheet for _, _, sheet in bookmarks(pdf))
    places = [[next(sheets) for _ in page] for page in (headings[0], ["Contents"], *headings[1:])]
    contents, *starts = (page[0] for page in places[1:])
    assert [to for at, to in links(pdf) if contents <= at < starts[0]] == starts


def test_no_sheet_is_blank(texts):
    for number, text in enumerate(texts, start=1):
        words = text.split()
        assert words[-1] == str(number), "its number stands at its foot"
        assert len(words) > 5, f"sheet {number} holds nothing else"


def test_shows_each_slider_where_it_starts(texts, site):
    text = squeezed("".join(texts))
    for name, _ in FILES:
        for words in parsed(site / f"{name}.html").select(".book-slider .words"):
            assert squeezed(words.get_text()) in text, name


def squeezed(text):
    """Return a text without white space, and without the ligatures that print sets."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def test_every_link_inside_has_one_place(site):
    """Pages share names of sections; in the one document each name must be another."""
    document = re.sub("<svg.*?</svg>", "", book_pdf.document(), flags=re.DOTALL)
    ids = re.findall(r'<[^>]* id="([^"]*)"', document)
    assert len(ids) == len(set(ids)) > len(FILES)
    assert set(re.findall('<a [^>]*href="#([^"]*)"', document)) <= {*ids}


def test_refuses_a_link_out_of_the_book():
    page = BeautifulSoup('<a href="../search.html">Search</a>', "html.parser")
    with pytest.raises(ValueError, match=r"chapters/x: the link '../search.html' leads to no page"):
        book_pdf.turn_inwards(page, "chapters/x", {"index", "chapters/x"})


def test_keeps_the_older_pdf_when_it_fails(tmp_path, monkeypatch):
    older = tmp_path / "book.pdf"
    older.write_text("older")
    monkeypatch.setattr(book_pdf, "document", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        book_pdf.write(older)
    assert older.read_text() == "older"
    assert list(tmp_path.iterdir()) == [older]
