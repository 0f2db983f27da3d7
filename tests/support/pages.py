"""The pages that are written for users, and what stands in them."""
import re

from sluice import TOP

_EXTRA = ["README.md", *(f"plugins/{folder.name}/README.md" for folder in (TOP / "plugins").iterdir()
                         if (folder / "README.md").exists())]


class Block:
    """A fenced block: `language` (or ""), `text`, and where it begins."""

    def __init__(self, page, line, language, text):
        self.page, self.line, self.language, self.text = page, line, language, text

    def __str__(self):
        return f"{self.page.name}:{self.line}"


class Page:
    def __init__(self, path):
        """path: below the top of the tree."""
        self.name, self.path = path, TOP / path
        self.text = self.path.read_text()

    def blocks(self, language=None):
        found, begin, kind, lines = [], 0, "", None
        for number, line in enumerate(self.text.splitlines(), 1):
            if line.startswith("```") and lines is None:
                begin, kind, lines = number + 1, line[3:].strip(), []
            elif line.startswith("```"):
                found.append(Block(self, begin, kind, "\n".join(lines) + "\n"))
                lines = None
            elif lines is not None:
                lines.append(line)
        return [block for block in found if language in (None, block.language)]

    def prose(self):
        """The text without its blocks."""
        return re.sub(r"^```.*?^```$", "", self.text, flags=re.M | re.S)

    def anchors(self):
        """As GitHub makes them of headings."""
        headings = re.findall(r"^#+ (.*)$", self.prose(), re.M)
        return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}

    def links(self):
        """(target, anchor) of every link into this tree; the target of a link within the page is ""."""
        found = re.findall(r"\]\(([^)\s]+)\)", self.prose())
        return [tuple((link + "#").split("#")[:2]) for link in found if "://" not in link]


def pages():
    return [Page(path) for path in
            sorted([*_EXTRA, *(f"docs/{path.name}" for path in (TOP / "docs").glob("*.md"))])]


def page(path):
    return Page(path)
