"""What a page says about all rights in words that people read: that they are reserved.

Not machine-readable, hence no reservation; but a page that says so names no licence that anybody could rely on.
Looked for only in pages that do name one.
"""

from __future__ import annotations

import re
import unicodedata

from selectolax.lexbor import LexborHTMLParser

from crawler.optout.grammar.html import page, source_of
from crawler.optout.grammar.untangle import restored, untangled
from crawler.optout.model import Capture

PHRASES = (
    "all rights reserved",
    "all rights are reserved",
    "alle rechte vorbehalten",
    "alle rechten voorbehouden",
    "tous droits réservés",
    "tous les droits sont réservés",
    "todos los derechos reservados",
    "todos los derechos están reservados",
    "reservados todos los derechos",
    "tots els drets reservats",
    "todos os direitos reservados",
    "tutti i diritti riservati",
    "tutti i diritti sono riservati",
    "alla rättigheter förbehållna",
    "alle rettigheder forbeholdes",
    "alle rettigheter reservert",
    "alle rettigheter forbeholdt",
    "kaikki oikeudet pidätetään",
    "wszelkie prawa zastrzeżone",
    "wszystkie prawa zastrzeżone",
    "všechna práva vyhrazena",
    "všetky práva vyhradené",
    "minden jog fenntartva",
    "toate drepturile rezervate",
    "sva prava pridržana",
    "sva prava zadržana",
    "vse pravice pridržane",
    "visos teisės saugomos",
    "visas tiesības aizsargātas",
    "kõik õigused kaitstud",
    "всички права запазени",
    "все права защищены",
    "всі права захищені",
    "усі права захищено",
    "με επιφύλαξη παντός δικαιώματος",
    "tüm hakları saklıdır",
    "tüm haklari saklidir",
    "hak cipta dilindungi",
    "mọi quyền được bảo lưu",
    "สงวนลิขสิทธิ์",
    "جميع الحقوق محفوظة",
    "تمامی حقوق محفوظ",
    "כל הזכויות שמורות",
    "सर्वाधिकार सुरक्षित",
    "版权所有",
    "版權所有",
    "保留所有权利",
    "保留一切权利",
    "無断転載",
    "全著作権所有",
    "모든 권리 보유",
    "무단 전재",
)
"""The sentence in the languages of most pages, as it reads in lower case."""

_UNSEEN = ["script", "style", "template", "noembed", "noframes", "svg"]
_LONG = 2_000_000
"""Characters; beyond it letters are taken as they are."""
_SPACE = re.compile(r"\s+")
_ANY = re.compile("|".join(map(re.escape, PHRASES)))
_METAS = frozenset({"copyright", "dc.rights", "dcterms.rights", "dcterms.accessrights", "rights"})


def rights_reserved(capture: Capture) -> str:
    """The words with which a page reserves all rights; empty when it does not. Never raises.

    Use as ``capture.parsed(rights_reserved)``.
    """
    document = capture.parsed(page)
    tree = LexborHTMLParser(untangled(source_of(capture)))
    tree.strip_tags(_UNSEEN)
    seen = tree.body.text(separator=" ") if tree.body is not None else ""
    metas = (meta.content for meta in document.metas if meta.name in _METAS)
    for text in (restored(seen), *metas):
        if words := reserving(text):
            return words
    return ""


def reserving(text: str) -> str:
    """The words in ``text`` that reserve all rights; empty without any."""
    if len(text) <= _LONG:
        text = unicodedata.normalize("NFKC", text)
    found = _ANY.search(_SPACE.sub(" ", text.lower()))
    return found[0] if found else ""
