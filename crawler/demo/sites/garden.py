"""garden.example: a gardener's blog on which nothing is reserved; found by link, by sitemap and by feed."""

from __future__ import annotations

from dataclasses import replace

from crawler.demo.answer import redirect, text
from crawler.demo.place import SKIPPED, Place, feed, sitemap
from crawler.demo.site import Article, Site

SITE = Site(
    host="garden.example",
    name="The Walled Garden",
    tagline="Notes from a third of an acre on heavy clay",
    layout="blog",
    paper="#fbfaf4",
    ink="#26301f",
    accent="#3f7034",
    serif=True,
    nav=(
        ("/", "Home"), ("/roses", "Roses"), ("/tools", "Tools"), ("/tomatoes", "Tomatoes"),
        ("/compost", "Compost"), ("/about", "About"), ("/feed.xml", "Feed"),
    ),
    aside="""
## Elsewhere

- [Growers' forum: clay soil](http://forum.example:{port}/threads/clay)
- [Growers' forum: blight](http://forum.example:{port}/threads/blight)
- [Growers' forum: slugs](http://forum.example:{port}/threads/slugs)
- [Growers' forum: copper tape](http://forum.example:{port}/threads/copper)
- [Kitchen: tomato tart](http://kitchen.example:{port}/en/tomato-tart)
- [Rainfall in Aldermoor](http://weather.example:{port}/stations/aldermoor)

## About me

Ruth Calder. I garden, I write about it on Sundays, and I answer letters.
""",
    imprint="Written by Ruth Calder at the Old Walls, Aldermoor. Seeds and cuttings for stamped envelopes.",
)  # fmt: skip

FREE = (
    "nothing. `robots.txt` lets everybody in, there is no `ai.txt` (the address answers with a web page, "
    "which is no "
    "such file), and no header or tag reserves anything. What is kept from here is *unreserved*, not "
    "consented to."
).replace("`", "")

FRONT = Article(
    path="/",
    title="A garden behind a wall",
    says=FREE,
    words="""
The wall is older than the house. It was built for peaches, in a century when somebody was paid to light fires
inside it in April, and it still holds the warmth of a good day until long after supper. Everything I grow
well, I grow within ten feet of it.

! beds | Raised beds with rows of lettuce in front of a brick wall | The four beds in early June, before the
  hares.

This is a diary more than a manual. I write down what I did, what came of it, and what I would not do again,
which is usually the longest part. New notes appear on Sundays from the last frost to the first, and now and
then in winter when there is nothing to do outside but look.
""",
)

PAGES = (
    Article(
        path="/roses",
        title="The roses nobody wanted",
        author="Ruth Calder",
        date="2026-06-14",
        says=FREE,
        words="""
The nursery was closing, and what was left in the yard in the last week were the roses with lost labels. I
took eleven. Nine of them turned out to be worth having, one was a rootstock with ambitions, and one is still
sulking by the water butt in its fourth year.

! rose | A deep pink rose with many petals | Number six, which we call the Colonel.

Roses on clay want two things that sound like opposites: water that stays, and water that goes away. I dig a
hole twice as wide as seems reasonable, fork the bottom until my back objects, and put back the same soil with
a third of leaf mould. No gravel. Gravel in a clay hole makes a pond with stones in it.

## Pruning without fear

Cut out what is dead, then what crosses, then step back and have a cup of tea. Most of what is left can stay.
The books that draw a slanting line a quarter of an inch above an outward-facing bud are right, but a rose cut
anywhere by somebody who likes it will do better than one cut correctly by somebody who is afraid of it.
""",
    ),
    Article(
        path="/tools",
        title="Five tools, and the one I lost",
        author="Ruth Calder",
        date="2026-03-08",
        says=FREE,
        words="""
I own more tools than I use, like everybody. These are the ones with worn handles: a border fork, a hori-hori,
a Dutch hoe that was my aunt's, secateurs with a red grip so that I can find them, and a bucket. The bucket is
a tool. It carries weeds out, water in, and me, when I sit on it upside down.

! seedling | A seedling with six leaves in a clay pot | What all the tools are for.

## Sharpening

A hoe is a blade. Ten strokes with a flat file before each use, always on the same side, and it glides under
the weeds instead of pulling at them. My aunt kept the file tied to the handle with string, and so do I,
because a file that is in the shed is a file that is not used.

The one I lost is a copper trowel. It is somewhere in the long border, and whoever gardens here after me will
find it, and will wonder about the initials.
""",
    ),
    Article(
        path="/tomatoes",
        title="Tomatoes against the wall, again",
        author="Ruth Calder",
        date="2026-08-30",
        says=FREE,
        words="""
Every spring I promise to grow fewer, and every spring there are thirty-one. This year's list: eight sorts,
all of them old, none of them sensible. The heavy red ones came first in the last week of July, which is ten
days earlier than in any year since I began to write it down.

! tomato | Three red tomatoes on the vine | The first truss, on the twenty-fourth of July.

| sort | sown | first ripe | weight in kg |
| Marmande | 2 March | 24 July | 11.2 |
| Brandywine | 2 March | 9 August | 7.9 |
| Black Krim | 9 March | 3 August | 8.4 |
| Sungold | 9 March | 19 July | 6.1 |
| Costoluto | 2 March | 12 August | 9.7 |

The difference between a plant at the foot of the wall and one six feet out was eleven days and nearly two
kilograms. Warm brick is worth more than any feed I have bought. I shall write that on the shed door, and next
spring I shall plant six feet out again because the wall is full.
""",
    ),
    Article(
        path="/compost",
        title="What goes into the third bay",
        author="Ruth Calder",
        date="2026-01-18",
        says=FREE,
        words="""
There are three bays. The first is being filled, the second is being forgotten, and the third is being used.
The whole secret of compost is the second bay: leave it alone for a year and it turns into something you would
pay for.

Equal buckets of green and brown is the rule that works here. Green is anything that was alive last week;
brown is anything that was alive last year. Cardboard counts as brown if you take the tape off, and you should
take the tape off, because tape is forever.

- kitchen peelings, never cooked food
- grass, in thin layers, or it turns to silage
- torn cardboard and last autumn's leaves
- prunings, if you have the patience to cut them small

People ask about rats. I have seen one in nine years. It looked at the heap, it looked at the cat, and it
left.
""",
    ),
    Article(
        path="/dahlias",
        title="Lifting dahlias, or not",
        author="Ruth Calder",
        date="2026-11-01",
        says=FREE,
        words="""
Half of the dahlias stay in the ground this year, under a hand's breadth of mulch, and half go into boxes in
the cellar. It is not an experiment, strictly speaking, because I ran out of boxes. But I have marked which is
which.

! dahlia | An orange dahlia in full flower | Orange, unnamed, from a market stall in Harrow Street.

Cut them down after the first black frost, wait a week, lift them with a fork from well outside, and shake
rather than wash. Washed tubers rot. Upside down for three days so that the hollow stems drain, then into dry
sand with the label tied on, not stuck in. I have lost more dahlias to lost labels than to frost.
""",
    ),
    Article(
        path="/asters",
        title="In praise of the last flower",
        author="Ruth Calder",
        date="2026-10-11",
        says=FREE,
        words="""
When everything else has given up, the asters begin. They stand in the poorest corner, between the gate and
the coal shed, where nothing else agreed to grow, and from the end of September they are so full of bees that
one hears them before one sees them.

! aster | A violet aster with a yellow centre | Eleven in the morning, nine degrees, and already busy.

I divide them every third April with an old bread knife: the outside of the clump goes back, the woody middle
goes on the heap. That is all they ask for. If a plant could be said to have good manners, it would be this
one.
""",
    ),
    Article(
        path="/about",
        title="About the garden and this page",
        says=FREE,
        listed=False,
        words="""
The garden belongs to the house, the house belongs to my sister, and I belong to the garden. We came here in a
wet March with two forks and a dog. The dog is buried under the medlar.

You may copy my notes into your own book, as my neighbours do. If you print them, send me a copy; if you try
something and it fails, write and tell me how, because that is how the better half of this diary came about.

The [page on moles](/old) is gone, by agreement with the moles; [Rosen](/rosen) is where a German friend
expects the roses to be. The page on [compost](/notes/compost) has two addresses, for no good reason.
""",
    ),
)

HIDDEN = (
    Article(
        path="/pond",
        title="Digging a pond by hand",
        author="Ruth Calder",
        date="2026-05-03",
        says=FREE + " Only the sitemap leads to this page.",
        words="""
It took eleven weekends. A pond is a hole with a level edge, and the whole difficulty is the edge: water shows
every half inch that a spirit level forgives. I drove in pegs, laid a plank across, and swore at the north
side for a month.

! pond | A pond with water lilies | Three years on, the plants have forgiven the builder.

No fish. Fish eat what comes by itself, and what comes by itself is the reason for having a pond: within a
week there were skaters, within a month beetles, in the second spring a frog sat on the edge as though it had
signed for it.
""",
    ),
    Article(
        path="/frost",
        title="First frost",
        author="Ruth Calder",
        date="2026-10-25",
        says=FREE + " Only the feed leads to this page.",
        words="""
Minus two in the night, by the thermometer on the north wall. The nasturtiums have collapsed as though
somebody had let the air out of them, and the beans are black. Everything that had to be in is in, apart from
the lemon, which spent the night in the bath.

I write the date inside the door of the shed, below the others. Seventeen years now, from the ninth of October
to the twentieth of November, and no pattern that I can see, except that it is always the night after I say
that it will hold for another week.
""",
    ),
)

PLACES: tuple[Place, ...] = SITE.whole(
    FRONT,
    PAGES,
    (
        *(SITE.page(one) for one in HIDDEN),
        SITE.file(
            "/robots.txt", "User-agent: *\nAllow: /\nSitemap: http://garden.example:{port}/sitemap.xml\n"
        ),
        SITE.file("/ai.txt", "<!doctype html><title>Not here</title><p>No such page.</p>", "text/html"),
        Place(host=SITE.host, path="/sitemap.xml", answer=sitemap("http://garden.example:{port}/pond")),
        Place(
            host=SITE.host,
            path="/feed.xml",
            answer=feed("The Walled Garden", ("http://garden.example:{port}/frost", "")),
        ),
        Place(
            host=SITE.host, path="/old", answer=text("This page was taken down.\n", status=410), expect=SKIPPED
        ),
        SITE.page(replace(PAGES[3], path="/notes/compost")),
        Place(host=SITE.host, path="/rosen", answer=redirect("/roses", status=301)),
        *(SITE.picture(name) for name in ("beds", "rose", "seedling", "tomato", "dahlia", "aster", "pond")),
    ),
)
