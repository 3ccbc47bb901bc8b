"""press.example: a newspaper with one robots.txt and many words in it."""

from __future__ import annotations

from crawler.demo.answer import redirect
from crawler.demo.images import xmp
from crawler.demo.place import KEPT, NOT_KEPT, Place, reserved
from crawler.demo.site import Article, Site
from crawler.demo.sites.release import RELEASE

SITE = Site(
    host="press.example",
    name="The Harbour Courier",
    tagline="Founded 1871 · Every day but Christmas",
    layout="news",
    paper="#fdfcf9",
    ink="#1a1a1a",
    accent="#7a1f1f",
    serif=True,
    nav=(
        ("/", "Front page"), ("/news/bridge", "City"), ("/news/football", "Sport"),
        ("/opinion/tram", "Opinion"), ("/letters/gulls", "Letters"),
        ("/premium/portrait", "Long reads"), ("/about", "About us"),
    ),
    aside="""
## From our partners

- [Bureau: fishing quotas](http://bureau.example:{port}/wire/quotas)
- [Bureau: winter timetable](http://bureau.example:{port}/wire/timetable)
- [The Long Table](http://club.example:{port}/)
- [Bureau: the last keeper](http://bureau.example:{port}/wire/lights)
- [City transit: line 9](http://busy.example:{port}/lines/9)
- [City transit: fares](http://busy.example:{port}/fares)
- [Visitors, counted](http://tracker.example:{port}/pixel)

## Today

High water 06:12 and 18:40. Wind south-west, 5.
""",
    imprint="Harbour Courier Press, Quay Street 3. Editor: Helen Marsh. Corrections: desk@press.example.",
)  # fmt: skip

ROBOTS = """User-agent: *
Disallow: /drafts/
Content-Usage: /opinion/ train-ai=n
DisallowAITraining: /letters/
NoAI: /cartoons/
Allow: /

User-agent: GPTBot
User-agent: CCBot
User-agent: Google-Extended
Disallow: /premium/
"""

OPEN_PAGE = "nothing that stands against it: robots.txt leaves this section open."
DRAFT = "robots.txt says Disallow: /drafts/ to everybody, so the page is not even asked for."
OPINION = "robots.txt says Content-Usage: /opinion/ train-ai=n: no training of models with this section."
LETTERS = "robots.txt says DisallowAITraining: /letters/ for this section."
CARTOONS = "robots.txt has the line NoAI: /cartoons/ for this section."
PREMIUM = (
    "robots.txt refuses this section to GPTBot, CCBot and Google-Extended. We are none of them, but what "
    "is refused "
    "to all who train models is read as refused to us."
)

FRONT = Article(
    path="/",
    title="Bridge closes for eleven weeks",
    says=OPEN_PAGE + " Other sections of the paper are reserved, each in another way.",
    words="""
From Monday the suspension bridge is shut to everything with wheels. The council promises a ferry every twelve
minutes; the ferrymen promise every fifteen. Inside: what the engineers found, what the shops on the east bank
fear, and why a tram line that nobody wanted is suddenly missed. [Printed short link](/short).

! bridge | A red suspension bridge over the harbour | The bridge on Saturday evening. Photo: Courier / Helen
  Marsh
""",
)

PAGES = (
    Article(
        path="/news/bridge",
        title="What the engineers found in the cable",
        author="Daniel Okoro",
        date="2026-09-19",
        says=OPEN_PAGE,
        words="""
The noise was the first sign. Walkers on the downstream side had been writing to this newspaper about it since
the winter: a single dull note, always in wind from the west. In August the city sent two climbers with
microphones, and in September it sent forty engineers.

Of the 7,400 wires in the southern cable, about nine hundred are corroded and thirty-one have parted. That is
less than it sounds, the chief engineer said on Friday, because the cable was built with three times the
strength it needed; and it is more than she would like, because nobody had looked since 1978.

## Eleven weeks

The bands will be opened one by one, the cable dried with warm air, and the broken wires spliced. Pedestrians
may cross at weekends. The cost is put at 14.2 million, of which the state pays half.

"A bridge tells you what it needs," she said. "This one has been telling us for eight months."
""",
    ),
    Article(
        path="/news/council",
        title="Council votes for the night ferry, by one",
        author="Amelia Roth",
        date="2026-09-17",
        says=OPEN_PAGE,
        words="""
Nineteen to eighteen, after five hours. The night ferry will run from October, from eleven until five, at the
price of a tram ticket. The member for the east bank, who had promised to swim across if the motion failed,
was photographed taking off her coat before the last vote was counted.

! council | A crowded council chamber | The public gallery was full until after midnight. Photo: Courier

Opponents point to the cost per passenger, which the treasurer gave as 11.40 in the first year. Supporters
point to the hospital, which stands on one bank while most of its nurses live on the other.
""",
    ),
    Article(
        path="/news/football",
        title="A draw that felt like a defeat",
        author="Samir Haddad",
        date="2026-09-20",
        says=OPEN_PAGE,
        words="""
United led twice and were better for an hour, and at the end they stood in the centre circle with their hands
on their hips like people who have missed a train. Two all, and the second equaliser came off a knee.

! football | A football pitch with players, seen from above | The last minutes, from the roof of the east
  stand.

The goalkeeper saved a penalty and was beaten by the rebound. The coach, asked about the substitutions, said
that the substitutions were fine and that it was the minutes that had been wrong.
""",
    ),
    Article(
        path="/news/release",
        title=RELEASE.title,
        date="2026-09-15",
        says=OPEN_PAGE,
        words=RELEASE.words_for("The company told this newspaper:"),
    ),
    Article(
        path="/news/flood",
        title="Water in Fishmarket Lane",
        author="Amelia Roth",
        date="2026-09-12",
        says=OPEN_PAGE + " The photograph says inside that it may not be used to train models.",
        words="""
The highest tide of the year met the strongest wind of the month, and for an hour on Saturday there was a
street less. Shopkeepers had stacked their shelves from the third board upwards, as their parents did.

! flood | Houses beside grey floodwater in the rain | Fishmarket Lane at high water. Photo: Courier / Amelia
  Roth

The gates that were to be finished in the spring are now to be finished in the spring. The harbour master said
that he had heard that sentence before and had bought boots.
""",
    ),
    Article(
        path="/news/tram",
        title="Line 9 gets its passengers back",
        author="Amelia Roth",
        date="2026-09-18",
        says=OPEN_PAGE,
        words="""
On Thursday morning there were people standing in a tram of line 9 for the first time since it was built. The
driver, who has had the same eleven passengers for six years and knows what most of them read, was seen to
adjust his cap.

! tram | A red tram in front of a row of houses | Line 9 at Quay Street, with passengers. Photo: Courier

The works council wants a second car by Monday. The company says that it has one, in the museum.
""",
    ),
    Article(
        path="/news/minister",
        title="Minister opens ferry, boards bus",
        author="Samir Haddad",
        date="2026-09-10",
        says=OPEN_PAGE,
        words="""
The minister praised the night ferry for eleven minutes and took the last bus back across the bridge, which
was still open. Asked about it, her office explained that the ferry had been full.

! podium | A woman at a lectern | "A short crossing and a long way." Photo: Courier

Applause was friendly. The brass band had been told that it would be indoors.
""",
    ),
    Article(
        path="/news/storm",
        title="Pilots stay in port",
        date="2026-09-08",
        says=OPEN_PAGE,
        words="""
For the first time since 2013 the pilots refused to go out on Tuesday night. Nine ships waited in the roads,
two of them with bananas.

! storm | Rain over a dark sea | The roads at six in the evening. Photo: Courier

! crane | Cranes in front of an orange sky | The same berth a day later. Photo: Courier
""",
    ),
    Article(
        path="/about",
        title="Who writes this paper",
        says=OPEN_PAGE,
        listed=False,
        words="""
Four reporters, two editors, and a desk that has been in use since 1871 and shows it.

! anna | Portrait of a woman with brown hair | Amelia Roth, city.

! karim | Portrait of a man with dark hair | Samir Haddad, sport and salt.
""",
    ),
    Article(
        path="/drafts/budget",
        title="Budget (draft, not checked)",
        expect=reserved("robots"),
        says=DRAFT,
        words="""
Figures to come. Do not publish before the treasurer has called back.
""",
    ),
    Article(
        path="/drafts/obituary",
        title="Obituary, prepared",
        expect=reserved("robots"),
        says=DRAFT,
        words="""
He is in good health at the time of writing, and we wish him many more years in which to dislike this text.
""",
    ),
    Article(
        path="/opinion/tram",
        title="The tram we deserved",
        author="Helen Marsh",
        date="2026-09-18",
        expect=reserved("content-usage"),
        says=OPINION,
        words="""
For thirty years this page argued against line 9, and for thirty years this page was wrong. It takes a closed
bridge to see what rails are for.
""",
    ),
    Article(
        path="/opinion/quiet",
        title="In defence of a boring harbour",
        author="Daniel Okoro",
        date="2026-09-11",
        expect=reserved("content-usage"),
        says=OPINION,
        words="""
Nobody writes songs about container schedules. Nobody drowns in them either.
""",
    ),
    Article(
        path="/letters/gulls",
        title="Letters: gulls, again",
        expect=reserved("disallow-ai-training"),
        says=LETTERS,
        date="2026-09-16",
        words="""
Sir, in answer to Mrs Penrose: it is not the gulls that have grown bolder but the chips that have grown
larger.
""",
    ),
    Article(
        path="/letters/bells",
        title="Letters: the bells",
        expect=reserved("disallow-ai-training"),
        says=LETTERS,
        date="2026-09-09",
        words="""
Sir, they have rung a quarter of an hour late since Michaelmas, and I have never been so punctual.
""",
    ),
    Article(
        path="/cartoons/ferry",
        title="Cartoon: every twelve minutes",
        expect=reserved("noai-lines"),
        says=CARTOONS,
        date="2026-09-19",
        words="""
Two skeletons on a landing stage. One says: it must be here any moment now.
""",
    ),
    Article(
        path="/premium/portrait",
        title="The woman who listens to bridges",
        author="Daniel Okoro",
        date="2026-09-13",
        expect=reserved("training-tokens"),
        says=PREMIUM,
        words="""
She can tell a tired bolt from a loose one by ear, and she has been asked to stop doing it at dinner.
""",
    ),
    Article(
        path="/premium/smugglers",
        title="Salt, brandy, servers",
        author="Samir Haddad",
        date="2026-08-23",
        expect=reserved("training-tokens"),
        says=PREMIUM,
        words="""
What came over the mole by night, from 1790 until last Thursday.
""",
    ),
    Article(
        path="/column",
        title="Column: on being copied",
        author="Helen Marsh",
        date="2026-09-14",
        expect=reserved("content-usage"),
        says="a response header, Content-Usage: train-ai=n.",
        headers=(("Content-Usage", "train-ai=n"),),
        words="""
A reader asks whether I mind that machines read me. I mind what I mind in people: not the reading, the moving
of lips.
""",
    ),
    Article(
        path="/wire",
        title="From the wire",
        date="2026-09-20",
        expect=reserved("content-signal"),
        says="a response header, Content-Signal: search=yes, ai-train=no.",
        headers=(("Content-Signal", "search=yes, ai-train=no"),),
        words="""
Agency copy, unedited: storm warning lifted; copper falls; the minister has not resigned.
""",
    ),
    Article(
        path="/crossword",
        title="Crossword 24,118",
        date="2026-09-20",
        expect=reserved("disallow-ai-training"),
        says="a response header of its own, DisallowAITraining.",
        headers=(("DisallowAITraining", "/"),),
        words="""
Seven across: bridge player's regret, four letters. Seven down: see seven across.
""",
    ),
)

PLACES: tuple[Place, ...] = SITE.whole(
    FRONT,
    PAGES,
    (
        SITE.file("/robots.txt", ROBOTS),
        SITE.picture("bridge"),
        *(SITE.picture(name) for name in ("council", "tram", "podium", "storm", "crane", "anna", "karim")),
        SITE.picture("football", KEPT, packet=xmp("DMI-UNSPECIFIED")),
        SITE.picture("flood", reserved("iptc"), packet=xmp("DMI-PROHIBITED-AIMLTRAINING")),
        Place(
            host=SITE.host,
            path="/short",
            answer=redirect("/long", ("X-Robots-Tag", "noai"), status=301),
            expect=reserved("robots-meta"),
        ),
        SITE.page(
            Article(
                path="/long",
                title="Behind a redirect",
                expect=NOT_KEPT,
                says="nothing here; but the redirect that leads here says X-Robots-Tag: noai.",
                words="Only the short address is ever printed in the paper.",
            )
        ),
    ),
)
