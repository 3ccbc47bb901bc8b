"""kitchen.example: recipes in five languages, nothing reserved but what one cook keeps to himself."""

from __future__ import annotations

from crawler.demo.place import Place, reserved
from crawler.demo.site import Article, Site

SITE = Site(
    host="kitchen.example",
    name="Five Kitchens",
    tagline="Recipes in the language they were told in",
    layout="blog",
    paper="#fffdf8",
    ink="#2c2420",
    accent="#b5432e",
    nav=(
        ("/", "Home"), ("/en/tomato-tart", "English"), ("/de/brot", "Deutsch"), ("/fr/soupe", "Français"),
        ("/es/paella", "Español"), ("/ja/ramen", "日本語"), ("/ar/salad", "العربية"),
    ),
    aside="## Conversions\n\nA cup is 240 ml, a knob is what fits on a knife, a pinch is never enough.",
    imprint="Five Kitchens is written by five cooks who have met twice.",
)  # fmt: skip

SAYS = "nothing: nothing on this host reserves anything."
FRONT = Article(
    path="/",
    title="Five cooks, one table",
    says=SAYS + " One recipe does, with a slip of the pen.",
    words="""
We met at a long table in a cold hall, all five of us sent there to write about somebody else. None of us
wrote. We exchanged recipes on the backs of name tags, and this page is what became of them.

Each recipe stands in the language in which it was first told, because half of a recipe is the tone in which
somebody says *enough*.
""",
)

PAGES = (
    Article(
        path="/en/tomato-tart",
        title="Tomato and plum tart",
        author="Clara Hume",
        date="2026-08-15",
        says=SAYS,
        data={"@type": "Recipe"},
        words="""
Plums and tomatoes ripen in the same week and nobody introduces them. Here they are.

! tart | A round tart with red fruit | Before the oven. Afterwards nobody waited.

- 250 g flour, 125 g butter, a little water
- six plums, eight small tomatoes
- two spoons of sugar, one of vinegar, thyme

Rub the butter into the flour until it looks like a beach. Enough water to hold it together, no more. Rest it,
roll it, line the tin. Halve the fruit, toss it in sugar and vinegar, and set it in rings, cut side up. Forty
minutes at a hundred and ninety, and then ten that you will find difficult.
""",
    ),
    Article(
        path="/en/chocolate-cake",
        title="The cake that cannot be shared",
        author="Oliver Penn",
        date="2026-05-02",
        expect=reserved("content-usage"),
        says="a header, Content-Usage: Train-AI=No. The label is misspelt; what is meant is plain: recovered.",
        headers=(("Content-Usage", "Train-AI=No"),),
        words="My grandmother gave it to me on condition that I did not pass it on, and so I give you "
        "the title only.",
    ),
    Article(
        path="/en/birthday",
        title="A birthday cake without a birthday",
        author="Clara Hume",
        date="2026-10-02",
        says=SAYS,
        data={"@type": "Recipe"},
        words="""
Three layers, because two is a sandwich and four is a wedding. The cream is whipped with a spoonful of sour
milk, which keeps it standing until the guests sit down.

! cake | A layer cake with cherries | Photographed in a hurry.

- six eggs, their weight in sugar, half their weight in flour
- 60 g cocoa
- half a litre of cream, cherries, a free afternoon

Beat the eggs and the sugar until a figure of eight stays where you drew it. Fold in the rest as though it
were asleep. Thirty-five minutes at a hundred and seventy degrees; cool it upside down, cut it with a thread.
""",
    ),
    Article(
        path="/en/salt",
        title="On salting too late",
        author="Oliver Penn",
        date="2026-04-09",
        says=SAYS,
        words="""
Salt at the end is a correction; salt at the beginning is a decision. Water for beans is salted when they go
in, in spite of what we were told about skins. I boiled forty pots to be sure, and the beans did not mind.

! soup | A plate of orange soup with a spiral of cream | Salted at the beginning.

Meat a day before, tomatoes a quarter of an hour before, cucumbers never, unless you want water.
""",
    ),
    Article(
        path="/de/brot",
        title="Ein Brot für die Woche",
        author="Greta Sommer",
        date="2026-03-01",
        lang="de",
        says=SAYS,
        data={"@type": "Recipe"},
        words="""
Am Samstagabend setze ich den Teig an, am Sonntagmorgen backe ich, und am Freitag ist das Brot am besten. Das
klingt verkehrt, aber ein Roggenbrot braucht Zeit, um zu verstehen, was es ist.

! bread | Ein Laib Brot mit vier Einschnitten auf einem Brett | Der Laib vom Sonntag.

Man braucht fünfhundert Gramm Roggenmehl, zweihundert Gramm Weizenmehl, einen halben Liter Wasser, Salz und
einen Sauerteig, der schon einmal enttäuscht worden ist und trotzdem weitermacht. Alles wird vermengt, nicht
geknetet; der Roggen nimmt das Kneten übel.

Über Nacht steht die Schüssel am Fenster. Morgens kommt der Teig in einen gusseisernen Topf, der eine halbe
Stunde im Ofen gestanden hat. Deckel drauf, fünfzig Minuten, Deckel ab, noch fünfzehn. Wer das Brot
anschneidet, bevor es kalt ist, muss es allein aufessen.
""",
    ),
    Article(
        path="/de/pflaumen",
        title="Was man mit zu vielen Pflaumen macht",
        author="Greta Sommer",
        date="2026-09-06",
        lang="de",
        says=SAYS,
        words="""
Zuerst verschenkt man sie. Dann merkt man, dass die Nachbarn abends das Licht ausmachen, wenn man mit dem Korb
kommt, und dann kocht man ein.

Drei Kilo Pflaumen, entsteint und geviertelt, kommen mit einem Pfund Zucker und zwei Zimtstangen in den
Bräter. Der Ofen steht auf hundertvierzig Grad, die Tür bleibt einen Spalt offen, ein Kochlöffel hält sie.
Nach fünf Stunden ist das Mus so dunkel, dass man nicht mehr hineinsehen kann. Gerührt wird selten und nur vom
Rand her.

In heiße Gläser gefüllt, hält es zwei Jahre. Bei uns hat es noch nie zwei Jahre gehalten.
""",
    ),
    Article(
        path="/fr/soupe",
        title="La soupe du dimanche soir",
        author="Lucie Marchand",
        date="2026-01-11",
        lang="fr",
        says=SAYS,
        data={"@type": "Recipe"},
        words="""
Le dimanche soir, chez nous, on ne cuisinait pas : on rassemblait. Une carotte oubliée, un demi-chou, le bout
de jambon que personne n'avait osé finir. Ma mère appelait cela une soupe, mon père un inventaire.

On fait fondre doucement deux oignons dans du beurre, sans les laisser prendre couleur. On ajoute les légumes
coupés en morceaux inégaux, car ce sont les petits qui épaississent et les gros qui se mangent. De l'eau à
hauteur, du sel, une feuille de laurier, et l'on couvre.

Au bout d'une heure, on goûte. S'il manque quelque chose, c'est du poivre ; s'il manque encore quelque chose,
c'est quelqu'un à table.
""",
    ),
    Article(
        path="/fr/marche",
        title="Au marché, avant sept heures",
        author="Lucie Marchand",
        date="2026-06-20",
        lang="fr",
        says=SAYS,
        words="""
Avant sept heures, le marché appartient à ceux qui cuisinent. On ne se parle pas encore, on touche, on
renifle, on soupèse. La marchande de fromages sait qui je suis mais attend huit heures pour me dire bonjour.

! salad | Une assiette de salade verte avec des tomates | Ce que j'en ai rapporté.

J'achète d'abord ce que je n'étais pas venue chercher. Le menu suivra : il suit toujours. Une botte de radis a
décidé de plus de dîners que tous mes livres réunis.
""",
    ),
    Article(
        path="/es/paella",
        title="El arroz de los jueves",
        author="Lena Ortiz",
        date="2026-02-19",
        lang="es",
        says=SAYS,
        data={"@type": "Recipe"},
        words="""
En mi pueblo el arroz se hace los jueves, y nadie recuerda por qué. El fuego es de leña de naranjo, la sartén
es más ancha que la mesa, y quien remueve el arroz no vuelve a ser invitado.

! paella | Una paella con gambas y limón en una sartén negra | El jueves pasado, para seis.

Primero se sofríe el tomate rallado hasta que pierde el agua y cambia de color. Después entra el arroz, un
puñado por persona y uno más para quien llegue tarde. El caldo, hirviendo, se echa de una sola vez, y a partir
de ese momento no se toca nada: se mira.

Dieciocho minutos. Los cinco últimos, a fuego fuerte, para que el fondo se tueste. Luego se tapa con un paño y
se discute de otra cosa.
""",
    ),
    Article(
        path="/ja/ramen",
        title="雨の日のラーメン",
        author="田中 美咲",
        date="2026-06-07",
        lang="ja",
        says=SAYS,
        data={"@type": "Recipe"},
        words="""
雨の日には、台所の窓を少しだけ開けて、ゆっくりとスープを煮ます。鶏の骨と昆布、生姜をひとかけ。強い火にはかけません。湯気の音が雨の音と同じくらいになったら、それがちょうどよい火加減です。

! ramen | 卵と海苔をのせたラーメンの丼 | 梅雨の最初の一杯。

麺は店で買ったもので十分です。大切なのは、丼を先に温めておくことと、卵を六分半で引き上げることです。醤油とみりんを合わせたたれに一晩つけておくと、翌日には琥珀色になります。

祖母は、ラーメンは黙って食べるものだと言っていました。話は食べ終わってからすればよい、スープは待ってくれないから、と。
""",
    ),
    Article(
        path="/ja/misoshiru",
        title="朝の味噌汁",
        author="田中 美咲",
        date="2026-10-18",
        lang="ja",
        says=SAYS,
        words="""
味噌汁は、家の数だけ種類があります。私の家では、豆腐とわかめ、そして季節の野菜をひとつだけ入れます。春は菜の花、夏は茄子、秋はきのこ、冬は大根です。

だしを取る時間がない朝には、煮干しを前の晩から水につけておきます。朝になったら火にかけ、沸く直前に味噌を溶き入れます。沸かしてはいけません。香りが逃げてしまうからです。
""",
    ),
    Article(
        path="/ar/salad",
        title="سلطة جدتي",
        author="يارا حداد",
        date="2026-07-03",
        lang="ar",
        says=SAYS,
        data={"@type": "Recipe"},
        words="""
كانت جدتي تقطع البقدونس بسكين صغيرة وهي جالسة على عتبة البيت، ولا تسمح لأحد أن يساعدها. كانت تقول إن السلطة
تعرف اليد التي قطعتها، وإن العجلة تظهر في الطعم قبل أن تظهر في الشكل.

نحتاج إلى حزمتين من البقدونس، وحزمة من النعناع، وأربع حبات من الطماطم الناضجة، وبصلة بيضاء، وحفنة من البرغل
الناعم. ننقع البرغل في عصير الليمون لا في الماء، حتى يشرب الحموضة ويلين على مهل.

نخلط كل شيء بأطراف الأصابع، ثم نضيف زيت الزيتون والملح في النهاية. تؤكل السلطة في يومها، فهي لا تنتظر الغد ولا
تسامح الثلاجة.
""",
    ),
)

PLACES: tuple[Place, ...] = SITE.whole(
    FRONT,
    PAGES,
    tuple(SITE.picture(name) for name in ("cake", "tart", "soup", "bread", "salad", "paella", "ramen")),
)
