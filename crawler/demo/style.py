"""The style sheet of a demo site: one base, six ways to lay out what stands in it."""

from __future__ import annotations

from typing import Literal

Layout = Literal["blog", "news", "gallery", "shop", "wiki", "office"]
"""What kind of site it looks like."""

_BASE = """
*{box-sizing:border-box}
html{font-size:17px}
body{margin:0;background:var(--paper);color:var(--ink);font-family:var(--text);line-height:1.6}
a{color:var(--accent);text-decoration-thickness:1px;text-underline-offset:2px}
img{max-width:100%;height:auto;display:block}
header.site{padding:1.1rem 1.5rem;border-bottom:1px solid var(--line)}
header.site .brand{font:700 1.7rem/1.1 var(--display);color:var(--ink);text-decoration:none}
header.site p{margin:.1rem 0 0;color:var(--soft);font-size:.85rem}
nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:.3rem 1.2rem;margin:.7rem 0 0;padding:0;font-size:.88rem}
nav a{text-decoration:none;font-weight:600}
.page{max-width:1080px;margin:0 auto;padding:1.5rem;display:grid;gap:2.5rem;
  grid-template-columns:minmax(0,1fr) 250px}
h1{font:700 2.1rem/1.15 var(--display);margin:.2rem 0 .5rem;text-wrap:balance}
h2{font:700 1.25rem/1.25 var(--display);margin:1.8rem 0 .4rem}
.byline{color:var(--soft);font-size:.85rem;margin:0 0 1.2rem}
article{max-width:66ch}
figure{margin:1.4rem 0}
figure img{width:100%;max-width:520px;border-radius:var(--round)}
figcaption{font-size:.8rem;color:var(--soft);margin-top:.4rem;max-width:520px}
blockquote{margin:1.2rem 0;padding-left:1rem;border-left:3px solid var(--accent);font-style:italic}
table{border-collapse:collapse;font-size:.88rem;margin:1rem 0;font-variant-numeric:tabular-nums}
th,td{padding:.3rem .8rem .3rem 0;border-bottom:1px solid var(--line);text-align:start}
aside{font-size:.85rem;color:var(--soft)}
aside h2{font-size:.95rem;margin:0 0 .4rem;color:var(--ink)}
.cards{list-style:none;margin:1.6rem 0 0;padding:0;display:grid;gap:1.4rem;max-width:none}
.cards h2{margin:.4rem 0 .2rem;font-size:1.05rem}
.cards p{margin:0;font-size:.86rem;color:var(--soft)}
.cards img{width:100%;aspect-ratio:3/2;object-fit:cover;border-radius:var(--round)}
footer{margin-top:2rem;padding:1.2rem 1.5rem 1.6rem;border-top:1px solid var(--line);color:var(--soft);
  font-size:.8rem}
footer p{max-width:90ch;margin:.2rem auto}
footer .note{border-inline-start:3px solid var(--accent);padding-inline-start:.7rem;margin-top:.8rem}
code{font-size:.92em;background:color-mix(in srgb,var(--ink) 8%,transparent);padding:0 .25em;border-radius:3px}
@media(max-width:760px){.page{grid-template-columns:1fr;padding:1rem}h1{font-size:1.6rem}}
"""

_LAYOUTS: dict[Layout, str] = {
    "blog": ".cards{grid-template-columns:repeat(auto-fill,minmax(210px,1fr))}header.site{text-align:center}"
    "nav ul{justify-content:center}",
    "news": "header.site{border-bottom:4px double var(--ink);text-align:center}nav ul{justify-content:center;"
    "border-top:1px solid var(--line);padding-top:.6rem}"
    ".cards{grid-template-columns:repeat(auto-fill,minmax(190px,1fr))}"
    ".cards li{border-top:2px solid var(--ink);padding-top:.5rem}",
    "gallery": ".page{grid-template-columns:1fr;max-width:1120px}article{max-width:700px;margin:0 auto}"
    ".cards{grid-template-columns:repeat(auto-fill,minmax(230px,1fr));gap:2rem}.cards img{aspect-ratio:1}"
    "figure img{max-width:640px;box-shadow:0 14px 34px #0004}aside{display:none}",
    "shop": ".cards{grid-template-columns:repeat(auto-fill,minmax(170px,1fr))}.cards li{border:1px solid "
    "var(--line);"
    "border-radius:10px;padding:.7rem;background:#fff}.cards img{aspect-ratio:1}.price{font-weight:700;"
    "font-size:1.3rem}"
    "header.site{background:var(--accent)}header.site *{color:#fff!important}figure img{max-width:400px}",
    "wiki": ".page{grid-template-columns:200px minmax(0,1fr)}.page main{grid-column:2;grid-row:1}"
    "aside{grid-column:1;"
    "grid-row:1}h1{font-weight:400;border-bottom:1px solid var(--line);padding-bottom:.2rem}h2{font-weight:400;"
    "border-bottom:1px solid var(--line)}figure{float:inline-end;width:270px;border:1px solid "
    "var(--line);padding:.4rem;"
    "margin:0 0 1rem 1rem;background:#f8f9fa}article{max-width:none}"
    ".cards{grid-template-columns:repeat(auto-fill,"
    "minmax(200px,1fr))}@media(max-width:760px){.page main,aside{grid-column:1;grid-row:auto}}",
    "office": "header.site{border-top:8px solid var(--accent)}.cards{grid-template-columns:repeat(auto-fill,"
    "minmax(220px,1fr))}.cards li{border-inline-start:3px solid var(--accent);padding-inline-start:.8rem}"
    "figure img{border:1px solid var(--line);max-width:640px;background:#fff}",
}

SERIF = "Georgia,'Liberation Serif','Times New Roman',serif"
SANS = "'Helvetica Neue',Arial,'Liberation Sans',sans-serif"


def sheet(layout: Layout, paper: str, ink: str, accent: str, *, serif: bool = False) -> str:
    """The style sheet; colours as ``#rrggbb``; ``serif``: for the running text too."""
    rounded = "0" if layout in ("news", "gallery") else "6px"
    roots = (
        f":root{{--paper:{paper};--ink:{ink};--accent:{accent};--round:{rounded};"
        f"--soft:color-mix(in srgb,{ink} 68%,{paper});--line:color-mix(in srgb,{ink} 22%,{paper});"
        f"--text:{SERIF if serif else SANS};--display:{SANS if layout in ('shop', 'office') else SERIF}}}"
    )
    return roots + _BASE + _LAYOUTS[layout]
