"""club.example: a magazine behind doors that are shut in every way HTTP knows."""

from __future__ import annotations

from crawler.demo.answer import redirect
from crawler.demo.place import UNDETERMINED, Expectation, Place, reserved
from crawler.demo.site import Article, Header, Site

SITE = Site(
    host="club.example",
    name="The Long Table",
    tagline="A magazine for members, about food and talk",
    layout="news",
    paper="#fffaf3",
    ink="#2b1d16",
    accent="#9a4a1f",
    serif=True,
    nav=(("/", "This issue"), ("/menu", "Menu"), ("/join", "Join")),
    aside="## Members\n\n- [Sign in](/members)\n- [Cellar](/vault)",
    imprint="The Long Table Society. Membership: table@club.example.",
)

WALL = reserved("http-status")


def _door(
    path: str, title: str, status: int, says: str, words: str, *headers: Header, expect: Expectation = WALL
) -> Article:
    return Article(
        path=path, title=title, status=status, says=says, words=words, headers=headers, expect=expect
    )


FRONT = Article(
    path="/",
    title="The soup issue",
    says="nothing: this page is open. Most doors behind it are shut, each in its own way; none of them "
    "is tried twice.",
    words="""
Every quarter we set a table for twelve strangers and write down what they say. This time there was soup, and
it took until the cheese for anybody to mention politics.

! choir | People in rows in a hall | The members' choir, before they sat down.

Members find the recipes in the cellar, under the usual password, which is not *password* any more.
""",
)

PAGES = (
    Article(
        path="/menu",
        title="What was served",
        date="2026-09-05",
        says="nothing: this page is open.",
        words="""
Pumpkin soup with brown butter; a loaf for every four; a tart of the last plums; coffee, and then an argument
about whether coffee counts as a course.

The cook asks us to print that the soup contained no cream. It was milk, a bay leaf, and stubbornness.
""",
    ),
    _door("/members", "Members only", 401, "status 401: credentials are asked for.", "Sign in to go on.",
          ("WWW-Authenticate", 'Basic realm="members"')),
    _door("/pay", "Pay for this article", 402, "status 402, with crawler-price: USD 0.01.", "One cent, "
    "one article.",
          ("crawler-price", "USD 0.01")),
    _door("/feast", "The feast of 1911, a longer read", 402, "status 402, with crawler-price: USD 0.25 "
    "and a link to "
          "the licence.", "Twenty-five cents for eleven courses.", ("crawler-price", "USD 0.25"),
          ("Link", '<http://club.example/join>; rel="payment"')),
    _door("/vault", "The cellar", 403, "status 403.", "Not for you, and please do not take it personally."),
    _door("/recalled", "A review, withdrawn", 451, "status 451, for legal reasons.", "The restaurant won."),
    _door("/captcha", "Just a moment...", 200, "a challenge page with status 200: we do not solve it.",
          "Checking that you are human before the soup is served."),
    _door("/guard", "One moment", 403, "status 403 with cf-mitigated: challenge.", "The doorman is "
    "looking you over.",
          ("cf-mitigated", "challenge")),
    Article(
        path="/essay",
        title="Why we eat together",
        author="Lena Ortiz",
        date="2026-08-01",
        expect=reserved("paywall"),
        says="JSON-LD in the page: isAccessibleForFree is false, although the text was served.",
        data={"isAccessibleForFree": False},
        words="""
Because nobody has ever said anything important to a sandwich.
""",
    ),
    Article(
        path="/cheese",
        title="Cheese, in the right order",
        author="Karim Aziz",
        date="2026-07-12",
        expect=reserved("paywall"),
        says="a meta tag, article:content_tier metered: access is sold.",
        head='<meta property="article:content_tier" content="metered">',
        words="""
From the shy to the loud, clockwise. You have two articles left this month.
""",
    ),
    _door("/soon", "Next issue", 503, "status 503: nobody can tell yet, so it is asked again "
    "later.", "In the press.",
          ("Retry-After", "1"), expect=UNDETERMINED),
    Article(
        path="/join",
        title="Join the table",
        listed=False,
        says="nothing: this page is open.",
        words="""
Forty-eight a year, four issues, one dinner. We ask new members to bring a chair, and after the dinner to
leave it.
""",
    ),
)  # fmt: skip

PLACES: tuple[Place, ...] = SITE.whole(
    FRONT,
    PAGES,
    (
        SITE.picture("choir"),
        Place(host=SITE.host, path="/cellar", answer=redirect("/vault")),
    ),
)
