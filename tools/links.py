"""Ask for every address outside the site that its pages link to; name those that do not answer.

python tools/links.py

Needs a network, and says so without one. Links into the book's own repository are left out: until
_config.yml has a real address they lead nowhere.
"""

import collections
import sys
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urldefrag, urlsplit

import requests
import yaml
from bs4 import BeautifulSoup
from locations import ROOT, SITE

SECONDS = 20
AT_ONCE = 8
# Hosts that answer programs with a refusal and readers with the page.
REFUSALS = {403, 405, 429}


def outside(html: str, repository: str) -> set[str]:
    """Return the addresses of other hosts that a page links to, without their anchors."""
    found = {urldefrag(a["href"])[0] for a in BeautifulSoup(html, "html.parser").select("a[href]")}
    own = urlsplit(repository).path
    return {link for link in found if link.startswith(("http:", "https:")) and own not in link}


def complaint(link: str) -> str:
    """Return why a link leads nowhere, '' when it leads somewhere."""
    try:
        answer = requests.get(link, timeout=SECONDS, stream=True, headers={"User-Agent": "Mozilla"})
    except requests.RequestException as error:
        return type(error).__name__
    answer.close()
    return "" if answer.ok or answer.status_code in REFUSALS else f"status {answer.status_code}"


def network() -> bool:
    """Return whether any of the hosts that serve the packages' documentation answers."""
    return not complaint("https://www.tensorflow.org/") or not complaint("https://keras.io/")


def main() -> int:
    repository = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))["repository"]["url"]
    pages = collections.defaultdict(list)
    for page in sorted(SITE.rglob("*.html")):
        if "_static" not in page.parts:
            for link in outside(page.read_text("utf-8"), repository):
                pages[link].append(page.relative_to(SITE).as_posix())
    if not network():
        print(f"There is no network here: {len(pages)} links to other hosts were not checked.")
        return 0
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = dict(zip(pages, pool.map(complaint, pages), strict=True))
    broken = {link: why for link, why in answers.items() if why}
    for link, why in broken.items():
        print(f"{link}: {why}, on {', '.join(pages[link])}", file=sys.stderr)
    print(f"{len(pages) - len(broken)} of {len(pages)} links to other hosts lead somewhere.")
    return int(bool(broken))


if __name__ == "__main__":
    sys.exit(main())
