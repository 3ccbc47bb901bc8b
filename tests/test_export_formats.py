"""Shards as Parquet and WebDataset: what others load in one line, and what is left when writing fails."""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.export.columns import Table, Type, columns_of
from crawler.export.model import ExportError, Picture, Wanted
from crawler.export.parquet import GROUP_BYTES, Parquet, schema_of, well_formed
from crawler.export.webdataset import WebDataset

ROOT = Path(__file__).parent.parent
AT = datetime(2026, 11, 22, 12, 0, 0, 123456, tzinfo=UTC)
WANTED = {Parquet: Wanted(format="parquet"), WebDataset: Wanted(format="webdataset")}
BOTH = pytest.mark.parametrize("form", [Parquet, WebDataset])
TEXT, IMAGES = columns_of(Table.TEXT, near=True), columns_of(Table.IMAGES)


def picture(entry, kind="jpeg", size=(8, 6)):
    """A picture that Pillow can open, of a colour of its own."""
    from PIL import Image

    made = io.BytesIO()
    Image.new("RGB", size, (entry % 256, 90, 200)).save(made, kind)
    return Picture(name=f"{entry:09d}.{'jpg' if kind == 'jpeg' else kind}", data=made.getvalue())


def common(entry):
    return {
        "id": f"{entry:09d}",
        "title": f"Title {entry}",
        "author": None,
        "date": "2026-11-01",
        "url": f"https://a.example/{entry}",
        "domain": "a.example",
        "via": ("https://a.example/", "https://b.example/ü"),
        "fetched_at": AT,
        "media_type": "text/html",
        "bytes": 1000 + entry,
        "sha256": f"{entry:064x}",
        "exact_group": f"{entry:064x}",
        "outcome": "unreserved",
        "licence": None,
        "attribution": None,
        "heard": (),
        "entry": entry,
        "run": "r1",
    }


def text_row(entry, text=None):
    words = {"text": f"Wörter {entry} 😀\nand more" if text is None else text, "language": "de"}
    return {
        **common(entry),
        **words,
        "language_score": 0.75,
        "near_group": "000000001" if entry % 2 else None,
        "extractor": "x 1",
    }


def image_row(entry, kind="jpeg", **said):
    row = {**common(entry), "image": picture(entry, kind), "media_type": f"image/{kind}"}
    return {**row, "alt": f"alt {entry}", "caption": None, "width": 8, "height": 6, **said}


def write(form, folder, table, rows, columns=None, shard=0):
    """A shard; gives the paths of its files."""
    made = form(WANTED[form])
    with made.begin(folder, table, shard, columns or columns_of(table, near=True)) as sink:
        for row in rows:
            sink.add(row)
    return [folder / name for name in made.files(table, shard)]


def left(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def digests(folder):
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in left(folder)}


def child(script, *arguments, folder=None, **more):
    """A program of its own: its imports warn as they like, its caches go with the test, it stays offline."""
    home = Path(more.pop("home"))
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("HF_", "XDG_"))},
        "HOME": str(home),
        "HF_HOME": str(home / "hf"),
        "HF_DATASETS_OFFLINE": "1",
        "HF_HUB_OFFLINE": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "PYTHONPATH": str(ROOT),
    }
    ended = subprocess.run(
        [sys.executable, "-c", script, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        cwd=folder or home,
        timeout=100,
    )
    assert ended.returncode == 0, ended.stderr[-3000:]
    return json.loads(ended.stdout.splitlines()[-1])


# What others read


def test_parquet_has_the_types_that_the_columns_say(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    (path,) = write(Parquet, tmp_path, Table.TEXT, map(text_row, range(3)))
    assert path == tmp_path / "text/00000.parquet"
    table = pq.read_table(path)
    types = {
        Type.STRING: pa.string(),
        Type.STRINGS: pa.list_(pa.string()),
        Type.INTEGER: pa.int64(),
        Type.NUMBER: pa.float32(),
        Type.TIME: pa.timestamp("us", "UTC"),
    }
    assert [(field.name, field.type) for field in table.schema] == [(one.name, types[one.type]) for one in TEXT]
    assert [field.metadata[b"description"].decode() for field in table.schema] == [one.meaning for one in TEXT]
    expected = [{**row, "via": list(row["via"]), "heard": []} for row in map(text_row, range(3))]
    assert table.select(list(expected[0])).to_pylist() == expected

    (path,) = write(Parquet, tmp_path, Table.IMAGES, [image_row(4)], shard=123_456)
    assert path == tmp_path / "images/123456.parquet"
    assert pq.read_table(path)["image"].to_pylist() == [{"bytes": picture(4).data, "path": "000000004.jpg"}]
    assert pq.read_schema(path).field("image").type == pa.struct({"bytes": pa.binary(), "path": pa.string()})


def test_polars_and_duckdb_load_parquet_in_one_line(tmp_path):
    write(Parquet, tmp_path, Table.TEXT, map(text_row, range(3)))
    write(Parquet, tmp_path, Table.TEXT, map(text_row, range(10_000, 10_002)), shard=1)
    script = """
import json, sys, duckdb, polars
glob = sys.argv[1]
frame = polars.read_parquet(glob)
rows = duckdb.sql(f"select entry, text, via[2], epoch_us(fetched_at) from '{glob}' order by entry").fetchall()
print(json.dumps([frame["text"].to_list(), [str(one) for one in frame.schema.values()], rows]))
"""
    texts, types, rows = child(script, tmp_path / "text/*.parquet", home=tmp_path)
    entries = [0, 1, 2, 10_000, 10_001]
    assert texts == [text_row(entry)["text"] for entry in entries]
    assert {"String", "List(String)", "Int64", "Float32"} < {*types}
    at = int(AT.timestamp()) * 1_000_000 + 123456
    assert rows == [[entry, text_row(entry)["text"], "https://b.example/ü", at] for entry in entries]


def test_datasets_loads_parquet_in_one_line_and_decodes_pictures_untold(tmp_path):
    kinds = ["jpeg", "png", "webp", "gif"]
    write(Parquet, tmp_path, Table.TEXT, map(text_row, range(3)))
    write(Parquet, tmp_path, Table.IMAGES, [image_row(entry, kind) for entry, kind in enumerate(kinds)])
    script = """
import json, sys, datasets
texts = datasets.load_dataset("parquet", data_files=sys.argv[1] + "/text/*.parquet", split="train")
images = datasets.load_dataset("parquet", data_files=sys.argv[1] + "/images/*.parquet", split="train")
streamed = datasets.load_dataset("parquet", data_files=sys.argv[1] + "/images/*.parquet", streaming=True)
print(json.dumps([
    texts["text"][:], texts[0]["via"], texts[0]["fetched_at"].isoformat(),
    {name: repr(feature) for name, feature in {**images.features, **texts.features}.items()},
    [(one["image"].format, one["image"].size, one["alt"]) for one in images],
    [one["image"].format for one in streamed["train"]],
]))
"""
    texts, via, at, features, pictures, streamed = child(script, tmp_path, home=tmp_path)
    assert texts == [text_row(entry)["text"] for entry in range(3)]
    assert via == ["https://a.example/", "https://b.example/ü"]
    assert datetime.fromisoformat(at) == AT
    assert features["image"] == "Image(mode=None, decode=True)"
    assert features["via"] == "List(Value('string'))"
    assert features["fetched_at"] == "Value('timestamp[us, tz=UTC]')"
    assert pictures == [[kind.upper(), [8, 6], f"alt {entry}"] for entry, kind in enumerate(kinds)]
    assert streamed == [kind.upper() for kind in kinds]


def test_pictures_that_are_files_open_from_inside_the_folder_of_the_export(tmp_path):
    file = tmp_path / "images/files/000000007.jpg"
    file.parent.mkdir(parents=True)
    file.write_bytes(picture(7).data)
    beside = Picture(name="images/files/000000007.jpg", data=None)
    write(Parquet, tmp_path, Table.IMAGES, [{**image_row(7), "image": beside}])
    script = """
import json, os, sys, datasets
images = datasets.load_dataset("parquet", data_files=sys.argv[1], split="train")
inside = images[0]["image"].format
os.chdir("/")
plain = images.cast_column("image", datasets.Image(decode=False))[0]["image"]
print(json.dumps([inside, plain]))
"""
    inside, plain = child(script, "images/00000.parquet", home=tmp_path, folder=tmp_path)
    assert inside == "JPEG"
    assert plain == {"bytes": None, "path": "images/files/000000007.jpg"}


def test_webdataset_loads_in_one_line_plain_and_decoded(tmp_path):
    kinds = ["jpeg", "png", "webp", "gif"]
    rows = [image_row(entry, kind) for entry, kind in enumerate(kinds)]
    write(WebDataset, tmp_path, Table.IMAGES, rows)
    write(WebDataset, tmp_path, Table.TEXT, map(text_row, range(3)))
    script = """
import hashlib, json, sys, webdataset
url = sys.argv[1] + "/images/00000.tar"
plain = [{name: hashlib.sha256(value).hexdigest() for name, value in one.items() if name[0] != "_"}
         for one in webdataset.WebDataset(url, shardshuffle=False)]
decoded = webdataset.WebDataset(url, shardshuffle=False).decode("pil")
decoded = decoded.to_tuple("jpg;png;webp;gif", "txt", "json")
texts = webdataset.WebDataset(sys.argv[1] + "/text/00000.tar", shardshuffle=False).decode()
texts = texts.to_tuple("txt", "json")
print(json.dumps([plain, [(image.size, txt, other) for image, txt, other in decoded], list(texts)]))
"""
    plain, decoded, texts = child(script, tmp_path, home=tmp_path)
    endings = ["jpg", "png", "webp", "gif"]
    assert [{*one} for one in plain] == [{ending, "txt", "json"} for ending in endings]
    assert [one[ending] for one, ending in zip(plain, endings, strict=True)] == [
        hashlib.sha256(row["image"].data).hexdigest() for row in rows
    ]
    assert [(size, words) for size, words, _ in decoded] == [([8, 6], f"alt {entry}") for entry in range(4)]
    assert decoded[1][2] == {
        **{name: value for name, value in rows[1].items() if name != "image"},
        "via": list(rows[1]["via"]),
        "heard": [],
        "fetched_at": "2026-11-22T12:00:00.123456Z",
    }
    assert [words for words, _ in texts] == [text_row(entry)["text"] for entry in range(3)]
    assert [other["entry"] for _, other in texts] == [0, 1, 2]
    assert all("text" not in other and other["language"] == "de" for _, other in texts)


def test_datasets_loads_webdataset_with_the_features_of_the_table_beside_it(tmp_path):
    """Left to itself it guesses from five samples, and fails at other types of pictures and at late values."""
    rows = [
        image_row(entry, "png" if entry % 2 else "jpeg", licence="x" if entry == 7 else None)
        for entry in range(8)
    ]
    write(WebDataset, tmp_path, Table.IMAGES, rows)
    script = """
import json, sys, datasets, pyarrow.parquet
others = datasets.Features.from_arrow_schema(pyarrow.parquet.read_schema(sys.argv[1] + ".parquet"))
pictures = {"jpg": datasets.Image(), "png": datasets.Image()}
features = datasets.Features(**pictures, txt=datasets.Value("string"), json=others)
images = datasets.load_dataset("webdataset", data_files=sys.argv[1] + ".tar", split="train", features=features)
print(json.dumps([((one["jpg"] or one["png"]).format, one["txt"], one["json"]["licence"],
                   one["json"]["fetched_at"].isoformat()) for one in images]))
"""
    read = child(script, tmp_path / "images/00000", home=tmp_path)
    assert [(kind, words, licence) for kind, words, licence, _ in read] == [
        ("PNG" if entry % 2 else "JPEG", f"alt {entry}", "x" if entry == 7 else None) for entry in range(8)
    ]
    assert {datetime.fromisoformat(at) for *_, at in read} == {AT}


# The layout of a tar


def test_a_tar_is_laid_out_as_img2dataset_does_it(tmp_path):
    import pyarrow.parquet as pq

    rows = [
        image_row(41, caption="said below"),
        image_row(42, caption="", alt="instead"),
        image_row(43, "png", alt=None),
        image_row(44, alt=None, title=None),
        {**image_row(45), "image": None},
    ]
    tar, table, stats = write(WebDataset, tmp_path, Table.IMAGES, rows)
    assert left(tmp_path) == ["images/00000.parquet", "images/00000.tar", "images/00000_stats.json"]
    with tarfile.open(tar) as opened:
        members = opened.getmembers()
        words = {
            one.name: opened.extractfile(one).read().decode() for one in members if one.name.endswith(".txt")
        }
        assert [one.name for one in members] == [
            f"{entry:09d}.{ending}"
            for entry, image in [(41, "jpg"), (42, "jpg"), (43, "png"), (44, "jpg")]
            for ending in (image, "txt", "json")
        ]
        assert opened.extractfile("000000043.png").read() == rows[2]["image"].data
    assert [*words.values()] == ["said below", "instead", "Title 43", ""]
    assert {(one.mtime, one.uid, one.gid, one.uname, one.gname, one.mode) for one in members} == {
        (int(AT.timestamp()), 0, 0, "", "", 0o644)
    }
    assert tar.stat().st_size % tarfile.RECORDSIZE == 0
    assert tar.read_bytes()[257:265] == b"ustar\x0000"
    read = pq.read_table(table)
    assert read.column_names == [one.name for one in IMAGES if one.name != "image"]
    assert read["entry"].to_pylist() == [41, 42, 43, 44, 45]
    assert json.loads(stats.read_text()) == {
        "count": 5,
        "successes": 4,
        "failed_to_download": 0,
        "failed_to_resize": 0,
        "status_dict": {"success": 4, "no image": 1},
    }


@pytest.mark.parametrize(
    "name", ["000000001.txt", "000000001.json", "000000001", "../../x.j/pg", "a.JP\x00G", "a.JPG"]
)
def test_the_name_of_a_picture_reaches_a_tar_only_as_a_harmless_ending(name, tmp_path):
    row = {**image_row(1), "image": Picture(name=name, data=b"bytes")}
    tar, *_ = write(WebDataset, tmp_path, Table.IMAGES, [row])
    with tarfile.open(tar) as opened:
        ending = "jpg" if name == "a.JPG" else "bin"
        assert opened.getnames() == [f"000000001.{one}" for one in (ending, "txt", "json")]


def test_a_tar_has_a_time_for_every_moment(tmp_path):
    moments = [None, datetime(1969, 12, 31, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)]
    tar, *_ = write(WebDataset, tmp_path, Table.TEXT, [{**text_row(1), "fetched_at": at} for at in moments])
    with tarfile.open(tar) as opened:
        assert [one.mtime for one in opened if one.name.endswith(".txt")] == [0, 0, 8**11 - 1]


# Whatever the rows are


@BOTH
def test_columns_that_are_not_chosen_are_nowhere(form, tmp_path):
    import pyarrow.parquet as pq

    for table, row in ((Table.TEXT, text_row(3)), (Table.IMAGES, image_row(3))):
        columns = columns_of(table, frozenset({"bytes"}))
        paths = write(form, tmp_path, table, [row], columns)
        [(read,)] = [[path for path in paths if path.suffix == ".parquet"]]
        assert pq.read_table(read).column_names == ["id", "url", "bytes", "sha256", "entry"]
        if form is WebDataset:
            with tarfile.open(paths[0]) as opened:
                assert opened.getnames() == ["000000003.json"]
                assert opened.getmember("000000003.json").mtime == 0
                others = json.load(opened.extractfile("000000003.json"))
            assert [*others] == ["id", "url", "bytes", "sha256", "entry"]


@BOTH
def test_every_value_but_the_name_may_be_missing(form, tmp_path):
    import pyarrow.parquet as pq

    for table in Table:
        for row in ({"entry": 9}, dict.fromkeys(one.name for one in columns_of(table)) | {"entry": 9}):
            paths = write(form, tmp_path, table, [row, text_row(10) if table is Table.TEXT else image_row(10)])
            [(read,)] = [[path for path in paths if path.suffix == ".parquet"]]
            first = pq.read_table(read).to_pylist()[0]
            assert {name: value for name, value in first.items() if value is not None} == {
                "via": [],
                "heard": [],
                "entry": 9,
            }


@BOTH
def test_an_empty_shard_can_be_read(form, tmp_path):
    import pyarrow.parquet as pq

    for table in Table:
        for path in write(form, tmp_path, table, []):
            if path.suffix == ".parquet":
                assert pq.read_table(path).num_rows == 0
            elif path.suffix == ".tar":
                with tarfile.open(path) as opened:
                    assert opened.getmembers() == []
            else:
                assert json.loads(path.read_text())["count"] == 0


ODD = st.text(st.characters() | st.sampled_from("\x00\ud800\udfff\x1b\u202e\ufffe"), max_size=20)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(odd=ODD, strings=st.lists(ODD, max_size=3).map(tuple), number=st.integers(-(2**63), 2**63 - 1))
def test_no_string_breaks_a_writer(odd, strings, number, tmp_path):
    import pyarrow.parquet as pq

    row = {**text_row(5, odd), "title": odd, "url": odd, "via": strings, "bytes": number}
    clean = [well_formed(one) for one in (odd, *strings)]
    (path,) = write(Parquet, tmp_path, Table.TEXT, [row])
    read = pq.read_table(path).to_pylist()[0]
    assert [read["text"], *read["via"]] == clean
    assert read["bytes"] == number
    tar, *_ = write(WebDataset, tmp_path, Table.TEXT, [row])
    with tarfile.open(tar) as opened:
        assert opened.extractfile("000000005.txt").read().decode() == clean[0]
        others = json.load(opened.extractfile("000000005.json"))
    assert [others["title"], *others["via"]] == clean


@pytest.mark.parametrize(
    ("odd", "clean"),
    [
        ("ä😀\x00", "ä😀\x00"),
        ("a\ud800b", "a\ufffdb"),
        ("\udc00\ud83d\ude00", "\ufffd😀"),
        ("\ud83d", "\ufffd"),
    ],
)
def test_a_surrogate_that_stands_alone_becomes_a_replacement_character(odd, clean):
    assert well_formed(odd) == clean


def test_pyarrow_and_the_declared_features_agree(tmp_path):
    script = """
import json, datasets
from crawler.export.columns import Table, columns_of
from crawler.export.parquet import schema_of
same = []
for table in Table:
    schema = schema_of(columns_of(table, near=True))
    features = datasets.Features.from_arrow_schema(schema)
    same.append(features.arrow_schema.remove_metadata() == schema.remove_metadata())
print(json.dumps(same))
"""
    assert child(script, home=tmp_path) == [True, True]
    declared = json.loads(schema_of(IMAGES).metadata[b"huggingface"])["info"]["features"]
    assert [*declared] == [one.name for one in IMAGES]


# Twice, halfway, and full


@BOTH
def test_the_same_rows_make_the_same_bytes(form, tmp_path):
    for folder in (tmp_path / "a", tmp_path / "b"):
        write(form, folder, Table.TEXT, map(text_row, range(2500)))
        write(form, folder, Table.IMAGES, map(image_row, range(50)))
    assert digests(tmp_path / "a") == digests(tmp_path / "b")
    before = digests(tmp_path / "a")
    write(form, tmp_path / "a", Table.TEXT, map(text_row, range(2500)))
    assert digests(tmp_path / "a") == before
    write(form, tmp_path / "a", Table.TEXT, map(text_row, range(2499)))
    after = digests(tmp_path / "a")
    assert {name for name in before if before[name] != after[name]} == {
        name for name in before if name.startswith("text/")
    }


@BOTH
def test_an_exception_in_the_middle_leaves_nothing(form, tmp_path):
    def rows(error):
        yield from map(text_row, range(1500))
        raise error

    for error in (KeyError("x"), KeyboardInterrupt(), OSError(5, "elsewhere", "/archive/1.warc.gz")):
        with pytest.raises(type(error)) as raised:
            write(form, tmp_path, Table.TEXT, rows(error))
        assert raised.value is error
        assert getattr(error, "filename", None) in (None, "/archive/1.warc.gz")
        assert left(tmp_path) == []
    write(form, tmp_path, Table.TEXT, map(text_row, range(3)))
    assert left(tmp_path) != []
    with pytest.raises(KeyError):  # what is written anew was out of date
        write(form, tmp_path, Table.TEXT, rows(KeyError("x")))
    assert left(tmp_path) == []


FULL = """
import json, resource, sys
from pathlib import Path
import tests.test_export_formats as t
form, folder, limit = getattr(t, sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
rows = [t.image_row(entry) for entry in range(1200)]
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    t.write(form, folder, t.Table.IMAGES, rows)
    told = None
except OSError as error:
    told = [error.errno, error.filename]
print(json.dumps(told))
"""


@BOTH
def test_a_full_disk_names_the_file_and_leaves_nothing(form, tmp_path):
    paths = write(form, tmp_path / "whole", Table.IMAGES, map(image_row, range(1200)))
    size = paths[0].stat().st_size
    folder = tmp_path / "full"
    for limit in (0, 100, size // 2, size - 1):
        told = child(FULL, form.__name__, folder, limit, home=tmp_path)
        assert told is not None, limit
        number, name = told
        assert number == 27
        assert Path(name) in {folder / path.relative_to(tmp_path / "whole") for path in paths}
        assert left(folder) == []
    assert child(FULL, form.__name__, folder, size, home=tmp_path) is None
    assert digests(folder) == digests(tmp_path / "whole")


DYING = """
import os, sys
from pathlib import Path
import tests.test_export_formats as t
form, folder, after = getattr(t, sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
renamed = 0
def die(event, arguments):
    global renamed
    if event == "os.rename":
        renamed += 1
        if renamed > after:
            os._exit(0)
sys.addaudithook(die)
print(1, flush=True)
t.write(form, folder, t.Table.TEXT, map(t.text_row, range(20)))
"""


@BOTH
def test_after_a_crash_the_first_file_of_a_shard_is_there_only_with_all_of_them(form, tmp_path):
    old, new = tmp_path / "old", tmp_path / "new"
    write(form, old, Table.TEXT, map(text_row, range(30)))
    files = [path.relative_to(new) for path in write(form, new, Table.TEXT, map(text_row, range(20)))]
    for after in range(len(files) + 1):
        folder = tmp_path / str(after)
        write(form, folder, Table.TEXT, map(text_row, range(30)))
        child(DYING, form.__name__, folder, after, home=tmp_path)
        whole = [{name: (one / name).read_bytes() for name in files} for one in (old, new)]
        if (folder / files[0]).exists():
            assert {name: (folder / name).read_bytes() for name in files} in whole
        else:
            assert after < len(files)
        assert (after == len(files)) == (digests(folder) == digests(new))


@BOTH
def test_a_folder_that_cannot_be_made_is_named(form, tmp_path):
    (tmp_path / "text").write_text("a file")
    with pytest.raises(OSError, match="text"):
        write(form, tmp_path, Table.TEXT, [text_row(1)])
    assert left(tmp_path) == ["text"]


# Memory, and what is not installed


def test_row_groups_are_bounded_by_rows_and_by_bytes(tmp_path):
    import pyarrow.parquet as pq

    (path,) = write(Parquet, tmp_path, Table.TEXT, map(text_row, range(2500)))
    groups = pq.ParquetFile(path).metadata
    assert [groups.row_group(one).num_rows for one in range(groups.num_row_groups)] == [1000, 1000, 500]
    large = Picture(name="x.png", data=bytes(GROUP_BYTES // 4))
    rows = [{**image_row(1), "image": large} for _ in range(7)]
    rows[3]["image"] = Picture(name="x.png", data=bytes(GROUP_BYTES + 1))
    (path,) = write(Parquet, tmp_path, Table.IMAGES, rows)
    groups = pq.ParquetFile(path).metadata
    assert [groups.row_group(one).num_rows for one in range(groups.num_row_groups)] == [3, 1, 3]


MEMORY = """
import json, random, sys
from pathlib import Path
import tests.test_export_formats as t
form, folder, noise = getattr(t, sys.argv[1]), Path(sys.argv[2]), random.Random(1)
row = t.image_row(1)
def rows(count):
    for entry in range(count):
        yield {**row, "entry": entry, "image": t.Picture(name="x.jpg", data=noise.randbytes(10_000))}
def peak():
    [line] = [one for one in open("/proc/self/status") if one.startswith("VmHWM")]
    return int(line.split()[1])
t.write(form, folder / "few", t.Table.IMAGES, rows(2_000))
few = peak()
t.write(form, folder / "many", t.Table.IMAGES, rows(20_000))
print(json.dumps([few, peak()]))
"""


@BOTH
def test_memory_does_not_grow_with_the_rows(form, tmp_path):
    few, many = child(MEMORY, form.__name__, tmp_path, home=tmp_path)
    assert many - few < 60 << 10, (few, many)  # KiB; the rows are 200 MB
    assert many < 400 << 10


@BOTH
def test_without_pyarrow_one_sentence_says_what_to_install(form, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.delitem(sys.modules, "pyarrow.parquet", raising=False)
    with pytest.raises(ExportError, match=r"needs pyarrow, .* pip install 'heedful\[export\]'$"):
        form(WANTED[form])
