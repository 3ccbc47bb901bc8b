"""What we rest on: no dangerous calls of ours, bounds that are written down, a look for vulnerabilities."""

from __future__ import annotations

import ast
import json
import runpy
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import crawler

ROOT = Path(__file__).parent.parent
OURS = sorted(Path(crawler.__file__).parent.rglob("*.py"))
FORBIDDEN_MODULES = {
    "pickle", "cPickle", "_pickle", "dill", "cloudpickle", "shelve", "marshal", "yaml", "telnetlib", "xmlrpc",
}  # fmt: skip
"""They run, or can be made to run, what they read; YAML is read by nobody here at all."""
FORBIDDEN_CALLS = {
    "eval", "exec", "compile", "__import__", "os.system", "os.popen", "tempfile.mktemp", "subprocess.getoutput",
    "subprocess.getstatusoutput", "pty.spawn", "yaml.load",
}  # fmt: skip


def dangers(tree: ast.AST) -> Iterator[str]:
    """Imports and calls that must not be there, each with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [one.name for one in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{one.name}" for one in node.names]
        else:
            names = []
        for name in names:
            if name.partition(".")[0] in FORBIDDEN_MODULES or name in FORBIDDEN_CALLS:
                yield f"line {node.lineno}: imports {name}"
        if isinstance(node, ast.Call):
            if ast.unparse(node.func) in FORBIDDEN_CALLS:
                yield f"line {node.lineno}: calls {ast.unparse(node.func)}"
            for word in node.keywords:
                if word.arg == "shell" and not (
                    isinstance(word.value, ast.Constant) and word.value.value is False
                ):
                    yield f"line {node.lineno}: a shell"


def test_nothing_of_ours_runs_what_it_reads() -> None:
    assert len(OURS) > 200
    found = [f"{path}: {one}" for path in OURS for one in dangers(ast.parse(path.read_bytes()))]
    assert found == []


@pytest.mark.parametrize(
    "source",
    ["import pickle", "from yaml import load", "eval(x)", "subprocess.run(x, shell=True)", "tempfile.mktemp()",
     "from tempfile import mktemp", "run(x, shell=flag)", "import os\nos.system(x)", "import xmlrpc.client"],
)  # fmt: skip
def test_the_walk_sees_what_it_is_for(source: str) -> None:
    assert list(dangers(ast.parse(source)))


@pytest.mark.parametrize("source", ["re.compile(x)", "subprocess.run(x, shell=False)", "import json"])
def test_and_nothing_else(source: str) -> None:
    assert not list(dangers(ast.parse(source)))


needs_tree = pytest.mark.skipif(not (ROOT / ".ci" / "oldest.py").exists(), reason="only in the source tree")


@needs_tree
def test_every_dependency_names_the_oldest_version_that_works() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    tool = runpy.run_path(str(ROOT / ".ci" / "oldest.py"))
    users = set(project["optional-dependencies"]) - {"test", "dev"}
    assert set(tool["EXTRAS"]) == users
    pinned = list(tool["oldest"](project))
    assert len(pinned) == len(project["dependencies"]) + sum(
        len(project["optional-dependencies"][x]) for x in users
    )
    assert all("==" in one for one in pinned)
    with pytest.raises(ValueError, match="name the oldest version"):
        list(tool["oldest"]({"dependencies": ["lxml"], "optional-dependencies": dict.fromkeys(users, ())}))


@needs_tree
def test_the_tests_that_run_elsewhere_are_there() -> None:
    lines = (ROOT / ".ci" / "core-tests").read_text("utf-8").splitlines()
    named = [line for line in lines if not line.startswith("#")]
    assert named
    assert [line for line in named if not (ROOT / line).is_file()] == []


@needs_tree
@pytest.mark.parametrize(
    ("code", "out", "ended", "said"),
    [
        (0, {"dependencies": [{"name": "a", "version": "1", "vulns": []}]}, 0, "1 of 1 packages looked up"),
        (
            1,
            {"dependencies": [{"name": "a", "version": "1", "vulns": [{"id": "CVE-1"}]}]},
            1,
            "vulnerable: a 1 CVE-1",
        ),
        (
            0,
            {"dependencies": [{"name": "a", "skip_reason": "not found"}]},
            0,
            "none of the packages (not found)",
        ),
        (1, None, 0, "skipped, nobody looked for vulnerabilities: the service cannot be asked (no route)"),
        (
            3,
            {"dependencies": []},
            0,
            "skipped, nobody looked for vulnerabilities: pip-audit ended with 3 (no route)",
        ),
    ],
)
def test_what_a_look_for_vulnerabilities_means(
    code: int, out: object, ended: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    tool = runpy.run_path(str(ROOT / ".ci" / "vulnerabilities.py"))
    assert tool["judged"](code, "" if out is None else json.dumps(out), "first line\nno route\n") == ended
    told = capsys.readouterr().out
    assert said in told
    assert told.count("\n") == 1
