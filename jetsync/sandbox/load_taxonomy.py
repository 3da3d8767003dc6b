"""`python -m jetsync.sandbox.load_taxonomy DIR [DIR ...] [--state DIR]`: load taxonomy CSV folders into a sandbox.

Several folders complete each other: the first to name an id wins.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m jetsync.sandbox.load_taxonomy", description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path, metavar="DIR")
    parser.add_argument("--state", type=Path, metavar="DIR", help="the sandbox's state folder")
    options = parser.parse_args(arguments)
    os.environ["DJANGO_SETTINGS_MODULE"] = "jetsync.sandbox.settings"
    if options.state:
        options.state.mkdir(parents=True, exist_ok=True)
        os.environ["SANDBOX_DATABASE"] = str(options.state / "sandbox.sqlite3")
    return _load(options.folders)


def _load(folders: list[Path]) -> int:
    import django  # noqa: PLC0415 -- the settings read the environment prepared above
    from django.core.management import call_command  # noqa: PLC0415 -- as above

    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    from jetsync.sandbox.taxonomy.loading import load_folders  # noqa: PLC0415 -- needs the loaded registry
    from jetsync.sandbox.taxonomy.reading import TaxonomyUnreadable  # noqa: PLC0415 -- as above

    try:
        version = load_folders(folders)
    except TaxonomyUnreadable as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(
        f"{version.categories} categories, {version.attributes} attributes, {version.values} values, "
        f"{version.links} links\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
