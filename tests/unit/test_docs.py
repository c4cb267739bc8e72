"""Files that the documents name exist."""

import re

import pytest

from support.build import ROOT

DOCUMENTS = [path for path in ROOT.glob("**/*.md") if not {".deps", "build", ".git"} & set(path.relative_to(ROOT).parts)]
LINK = re.compile(r"\]\(([^)#]+)")
FILE = re.compile(r"`((?:common|publisher|consumer|dlq|docs|examples|scripts|tests|cmake)/[\w./-]+)`")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_that_a_document_names_exist(document):
    text = document.read_text()
    links = [document.parent / link for link in LINK.findall(text) if "://" not in link]
    named = [ROOT / name for name in FILE.findall(text)]
    assert [str(path) for path in links + named if not path.exists()] == []


def test_there_are_documents():
    assert len(DOCUMENTS) > 10
