"""encyclopedia.example: articles under an open licence, in several languages, with diagrams."""

from __future__ import annotations

from urllib.parse import quote

from crawler.demo.drawings import cycle, moon, shares, size
from crawler.demo.pictures import file_name
from crawler.demo.place import KEPT, LICENSED, Expectation, Place, reserved
from crawler.demo.site import PICTURES, Article, Site, json_ld
from crawler.demo.sites.release import RELEASE

BY_SA = "https://creativecommons.org/licenses/by-sa/4.0/"

SITE = Site(
    host="encyclopedia.example",
    name="Openpedia",
    tagline="The encyclopedia that fits on a shelf",
    layout="wiki",
    paper="#ffffff",
    ink="#202122",
    accent="#3366cc",
    nav=(
        ("/", "Main page"),
        ("/wiki/Water_cycle", "Nature"),
        ("/wiki/Lighthouse", "Sea"),
        ("/recent", "Recent changes"),
    ),
    aside="""
## Navigation

- [Main page](/)
- [Water cycle](/wiki/Water_cycle)
- [Moon](/wiki/Moon_phases)
- [Volcano](/wiki/Volcano)

## Languages

- [Deutsch](/de/Leuchtturm)
- [Français](/fr/Phare)
- [Español](/es/Faro)
- [日本語](/ja/灯台)
- [العربية](/ar/منارة)
""",
    imprint="Texts are written by volunteers.",
)

SAYS = "a link element names CC BY-SA 4.0 as the licence of this text; pictures have their own, or none."


def _article(
    path: str,
    title: str,
    words: str,
    *,
    lang: str = "",
    pictured: tuple[str, str] = ("", ""),
    says: str = SAYS,
    expect: Expectation = LICENSED,
    licensed: bool = True,
    more: str = "",
    listed: bool = True,
) -> Article:
    """``pictured``: the file of a picture that is under the same licence, and who made it."""
    file, creator = pictured
    head = f'<link rel="license" href="{BY_SA}">' if licensed else ""
    if file:
        head += json_ld(
            {
                "@context": "https://schema.org",
                "@type": "ImageObject",
                "contentUrl": PICTURES + file,
                "creator": {"@type": "Person", "name": creator},
                "license": BY_SA,
            }
        )
    return Article(
        path=quote(path), title=title, words=words, lang=lang, head=head + more, says=says, expect=expect,
        date="2026-08-08", listed=listed,
    )  # fmt: skip


FRONT = _article(
    "/",
    "Welcome to Openpedia",
    """
Openpedia has 4,112 articles and one rule: explain it so that your neighbour can fix it. Today's article is
about [lighthouses](/wiki/Lighthouse), which are more often painted than lit.

From the archive: on this day in 1902 a ferry line was founded that still runs every twelve minutes.
""",
)

PAGES = (
    _article(
        "/wiki/Water_cycle",
        "Water cycle",
        """
The **water cycle** is the continuous movement of water between the sea, the air and the land. The sun lifts
water from the surface as vapour, vapour cools into clouds, clouds let it fall, and what falls runs back, by
rivers or underground.

! cycle-480x300.svg | Diagram of the water cycle with sea, clouds, rain and rivers | From sea to sea. Drawing:
  Openpedia volunteers, CC BY-SA 4.0

## How long it takes

A molecule of water stays in the air for about nine days, in a river for a few weeks, in a lake for decades,
and in the deep sea for three thousand years. Ice is the slowest: the oldest that has been drilled fell as
snow before there were people to walk on it.

## Why it matters

Only a fortieth of all water is fresh, and most of that is frozen. What can be drunk has nearly all been rain
not long ago.
""",
        pictured=(size("cycle"), "Openpedia volunteers"),
    ),
    _article(
        "/wiki/Moon_phases",
        "Phases of the moon",
        """
The **phases of the moon** are the shapes of the part that is lit as seen from the earth. They repeat every
29.5 days. Half of the moon is always in the sun; what changes is how much of that half is turned towards us.

! moon-480x300.svg | Diagram of eight phases around the earth | Eight phases. Drawing: Openpedia volunteers,
  CC BY-SA 4.0

A common mistake is to take the shadow on the moon for that of the earth. That happens only in an eclipse, a
few times a year, and looks quite different: the edge is round, and the colour is copper.
""",
        pictured=(size("moon"), "Openpedia volunteers"),
    ),
    _article(
        "/wiki/Volcano",
        "Volcano",
        """
A **volcano** is a place where molten rock from below comes to the surface. About fifteen hundred are thought
to be able to erupt; at any moment some twenty do.

! volcano | A volcano with a plume of smoke at dusk | A stratovolcano. Painting: M. Lindqvist, CC BY-SA 4.0

## Kinds

Shield volcanoes are broad and flat, because their lava is thin. Stratovolcanoes are steep, because theirs is
thick, and because ash and lava lie on each other in turns. The steep ones are photographed more often and
cause more worry.
""",
        pictured=(file_name("volcano"), "M. Lindqvist"),
    ),
    _article(
        "/wiki/Lighthouse",
        "Lighthouse",
        """
A **lighthouse** is a tower with a light at its top that tells ships where they are. Each has its own rhythm
of flashes, which is printed in the chart, so that a light is recognised by counting.

! cliffs | White cliffs above the sea | A coast that needs one. Picture: E. Dahl, no licence known

The lens that made them strong was invented in 1822 for a tower in France: rings of glass that bend the light
of one lamp into a beam. Most lights have no keeper any more. The last ones were withdrawn because they were
lonely, expensive, and right.
""",
    ),
    _article(
        "/wiki/Canal",
        "Canal",
        """
A **canal** is a waterway made by people, either to carry ships or to carry water. Locks lift ships from one
level to the next: the gates close, the water does the work, and the keeper takes the credit.

! canal | Houses along a canal with boats | A town canal. Picture: no licence known

The longest canal was dug over eleven centuries and needs no locks for its first four hundred kilometres,
being more or less a river that was talked into it.
""",
    ),
    _article(
        "/wiki/Orchard",
        "Orchard",
        """
An **orchard** is a piece of land planted with fruit trees. Old ones stand in grass, far apart, and are older
than the people who pick them; new ones stand in rows, close together, on roots chosen to keep them small.

! orchard | Fruit trees on green hills | An orchard in May. Photo: N. Sand, CC BY-SA 4.0

An apple grown from seed is never like its parent. Every named sort is one tree, cut into pieces and passed
on.
""",
        pictured=(file_name("orchard"), "N. Sand"),
    ),
    _article(
        "/wiki/Energy_mix",
        "Energy mix",
        """
An **energy mix** is the share that each source has in the energy used by a country or town. It says nothing
about the amount: a house that burns one candle has a mix too.

! mix-480x300.svg | Ring chart of an energy mix | Example for a coastal district. CC BY-SA 4.0
""",
        pictured=(size("mix"), "Openpedia volunteers"),
    ),
    _article(
        "/wiki/Norrhavn_Ferries",
        RELEASE.title,
        RELEASE.words_for("Copied from the company's announcement."),
        licensed=False,
        expect=KEPT,
        says="no licence: the text was copied from a press release, and a newspaper "
        "of this web prints nearly the same.",
    ),
    _article(
        "/wiki/Robot_exclusion",
        "Robots exclusion",
        """
The **robots exclusion protocol** is a text file with which a site tells crawlers what to leave alone. It is
older than most of the crawlers that read it wrong.
""",
        says='CC BY-SA 4.0, and beside it <meta name="robots" content="noml"> in the page: no machine '
        "learning.",
        expect=reserved("robots-meta"),
        more='<meta name="robots" content="noml">',
    ),
    _article(
        "/de/Leuchtturm",
        "Leuchtturm",
        """
Ein **Leuchtturm** ist ein Turm, der ein Leuchtfeuer trägt und Schiffen bei Nacht und schlechter Sicht den Weg
weist. Jedes Feuer hat eine eigene Kennung, also eine Folge von Blitzen und Pausen, die in der Seekarte
verzeichnet ist.

Die ersten Leuchtfeuer waren Holzstöße auf Landspitzen. Später brannten Kohle, Öl und Gas, heute genügt eine
Lampe von der Größe einer Faust, deren Licht durch ringförmig geschliffenes Glas gebündelt wird.
Leuchtturmwärter gibt es kaum noch; die meisten Türme werden aus der Ferne überwacht.
""",
        lang="de",
    ),
    _article(
        "/fr/Phare",
        "Phare",
        """
Un **phare** est une tour surmontée d'un feu qui guide les navires la nuit ou par mauvais temps. Chaque phare
possède son propre rythme d'éclats, indiqué sur les cartes marines, si bien qu'un marin reconnaît un feu en
comptant.

La lentille à échelons, inventée en 1822, rassemble la lumière d'une seule lampe en un faisceau visible à plus
de trente kilomètres. Les derniers gardiens ont quitté leurs tours il y a une génération ; les lampes, elles,
sont restées.
""",
        lang="fr",
    ),
    _article(
        "/es/Faro",
        "Faro",
        """
Un **faro** es una torre con una luz potente que orienta a los barcos durante la noche. Cada faro emite una
secuencia propia de destellos y pausas, que figura en las cartas náuticas y permite reconocerlo desde lejos.

El más antiguo que sigue en servicio fue construido por los romanos y ha sido reparado tantas veces que solo
su nombre es del todo original. Hoy casi todos los faros están automatizados, y muchos reciben más turistas
que barcos.
""",
        lang="es",
    ),
    _article(
        "/ja/灯台",
        "灯台",
        """
**灯台**とは、岬や港に建てられ、夜間や悪天候のときに船の道しるべとなる塔である。光り方は灯台ごとに異なり、海図に記されているため、船乗りは点滅の間隔を数えることで自分の位置を知ることができる。

かつては灯台守が家族とともに住み込みで火を守っていたが、現在ではほとんどが自動化されている。日本で最後の有人灯台は二〇〇六年に無人となった。
""",
        lang="ja",
    ),
    _article(
        "/ar/منارة",
        "منارة",
        """
**المنارة** برج عالٍ في أعلاه ضوء قوي يرشد السفن ليلًا وفي الأحوال الجوية السيئة. ولكل منارة إيقاع خاص من
الومضات والوقفات مدوّن في الخرائط البحرية، فيعرف البحّار مكانه بمجرد أن يعدّ.

كانت النار توقد قديمًا بالحطب ثم بالزيت، أما اليوم فتكفي مصباح صغير وعدسة من حلقات زجاجية تجمع الضوء في حزمة
واحدة. ولم يبق من حراس المنارات إلا القليل، فمعظمها يعمل من تلقاء نفسه.
""",
        lang="ar",
    ),
    _article(
        "/recent",
        "Recent changes",
        """
- *Lighthouse*: spelling, by Seabird
- *Volcano*: removed a claim about insurance
- *Water cycle*: undid the undoing of yesterday
""",
        listed=False,
    ),
)

PLACES: tuple[Place, ...] = SITE.whole(
    FRONT,
    PAGES,
    (
        SITE.drawing(size("cycle"), cycle("Water cycle"), LICENSED),
        SITE.drawing(size("moon"), moon("Phases of the moon"), LICENSED),
        SITE.drawing(
            size("mix"),
            shares("Energy mix", {"wind": 38, "sun": 21, "gas": 23, "water": 11, "other": 7}),
            LICENSED,
        ),
        SITE.picture("volcano", LICENSED),
        SITE.picture("orchard", LICENSED),
        SITE.picture("cliffs"),
        SITE.picture("canal"),
    ),
)
