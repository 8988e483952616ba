"""Texts (savemms-api(7)): how SUBJECT and TEXT are changed."""

import pytest


def subject_of(caller, subject):
    return caller.details(caller.save("x", subject=subject).mmsid).findtext("SUBJECT")


@pytest.mark.parametrize("given,kept", [
    ("plain", "plain"), ("Grüße", "Grüße"), ("a😀b日c", "abc"), ("  a \t\n b  ", "a b"), ("x" * 90, "x" * 80),
    ("😀" * 90 + "x", "x"), ("<b> & \"q\"", "<b> & \"q\""), ("a\x85b", "ab"), ("{$n|d}", "{$n|d}"),
])
def test_subject_is_cleaned(caller, given, kept):
    assert subject_of(caller, given) == kept


def text_of(caller, text):
    return caller.details(caller.save(text).mmsid).findtext("SLIDE/TEXT")


@pytest.mark.parametrize("given,kept", [
    ("one\ntwo", "one\ntwo"), ("a\\rb", "a\nb"), ("a\\nb", "a\nb"), ("a\\r\\nb", "a\nb"),
    ("a\tb", "a\tb"), ("👩‍👩‍👧 e\u0301 \u00e9 ﷽", "👩‍👩‍👧 e\u0301 \u00e9 ﷽"),
    ("Hello {$firstname|customer}, {$x}", "Hello {$firstname|customer}, {$x}"),
    ("a & b < c > \"d\" 'e'", "a & b < c > \"d\" 'e'"), ("]]>", "]]>"),
])
def test_text_is_kept(caller, given, kept):
    assert text_of(caller, given) == kept


def test_text_in_cdata_and_references(caller):
    head = f"<ACTION>saveMMS</ACTION><API_KEY>{caller.key}</API_KEY><NAME>n</NAME><SUBJECT>s</SUBJECT>"
    body = f"<REQUEST>{head}<SLIDE><TEXT><![CDATA[<b>&]]> &amp; &#x1F600;&#10;end</TEXT></SLIDE></REQUEST>"
    assert caller.details(caller.post(body).mmsid).findtext("SLIDE/TEXT") == "<b>& & 😀\nend"


def test_markup_inside_a_text(caller):
    """The words stay, in their order, in every element that holds a text."""
    body = (f"<REQUEST><ACTION>saveMMS</ACTION><API_KEY>{caller.key}</API_KEY><NAME>a <i>name</i></NAME>"
            "<SUBJECT>Good <b>day</b>!</SUBJECT><SLIDE><TEXT>Hello <b>you <i>two</i></b> there</TEXT></SLIDE></REQUEST>")
    details = caller.details(caller.post(body).mmsid)
    assert [details.findtext(name) for name in ("NAME", "SUBJECT", "SLIDE/TEXT")] == ["a name", "Good day!", "Hello you two there"]


def test_control_characters_are_removed(caller):
    """XML cannot carry them, but a form can."""
    answer = caller.form({"action": "saveMMS", "api_key": caller.key, "name": "n", "subject": "s",
                          "slide_1_text": "a\x01\x07\x1bb\x0bc\r\nd"})
    assert caller.details(answer.mmsid).findtext("SLIDE/TEXT") == "abc\nd"
