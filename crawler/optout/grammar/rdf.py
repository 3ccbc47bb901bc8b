"""Property values in RDF/XML, in every form that writers of XMP use.

RDF 1.1 XML Syntax (https://www.w3.org/TR/rdf-syntax-grammar/) as profiled by XMP, ISO 16684-1 §7. A property is
an attribute of a node or an element inside it, and its value is a text, an ``rdf:resource``, an ``rdf:value``
with qualifiers, a ``Bag``, ``Seq`` or ``Alt``, a nested or typed node, or ``rdf:parseType="Resource"``.

Whatever nests deeper than that is read too: each text below a property is taken for a value of it.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XML = "http://www.w3.org/XML/1998/namespace"

_ROOT = f"{{{RDF}}}RDF"
_VALUE = f"{{{RDF}}}value"
_ABOUT = frozenset({f"{{{RDF}}}about", "about"})
_RESOURCE = frozenset({f"{{{RDF}}}resource", "resource"})
_VALUES = frozenset({_VALUE, "value"})
_GRAMMAR = (f"{{{RDF}}}", f"{{{XML}}}")


def is_about_file(node: etree._Element) -> bool:
    """Whether ``node`` describes the file it stands in, and not a part or a source of it.

    That is a child of ``rdf:RDF`` that names nothing else as its subject; old writers give the file a UUID.
    """
    parent = node.getparent()
    if parent is None or parent.tag != _ROOT:
        return False
    about = next((node.get(name) for name in _ABOUT if node.get(name) is not None), None)
    return not about or about.strip().lower().startswith("uuid:")


def is_simple(element: etree._Element) -> bool:
    """Whether a property element holds one plain value: a text or an ``rdf:resource``, not both."""
    if len(element):
        return False
    named = [name for name in element.attrib if not str(name).startswith(f"{{{XML}}}")]
    return not named or (set(map(str, named)) <= _RESOURCE and not (element.text or "").strip())


def values_of(element: etree._Element, seen: set[etree._Element]) -> list[str]:
    """Every value below a property element, stripped, none of them empty.

    Elements of the same name below it are added to ``seen``: their values are among those returned.
    """
    principal: list[str] = []
    rest: list[str] = []
    nested = False
    for node in element.iter("*"):
        if node is not element and node.tag == element.tag:
            nested = True
            seen.add(node)
        (principal if node.tag == _VALUE else rest).extend(_texts(node))
        for name, value in node.attrib.items():
            if str(name) in _VALUES:
                principal.append(str(value))
            elif str(name) in (_RESOURCE if node is element else _RESOURCE | _ABOUT) or _is_foreign(str(name)):
                rest.append(str(value))
    # Beside an rdf:value stand its qualifiers.
    chosen = principal if principal and not nested else principal + rest
    return [text for text in map(str.strip, chosen) if text]


def _is_foreign(name: str) -> bool:
    """Whether an attribute is neither RDF's own nor XML's, so that it is a property in short form."""
    return name.startswith("{") and not name.startswith(_GRAMMAR)


def _texts(node: etree._Element) -> Iterator[str]:
    """The text of ``node`` itself; a child element ends a text, an entity that was not expanded does not."""
    parts = [node.text or ""]
    for child in node:
        if isinstance(child.tag, str):
            yield "".join(parts)
            parts = []
        parts.append(child.tail or "")
    yield "".join(parts)
