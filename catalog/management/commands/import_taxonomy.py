"""`manage.py import_taxonomy DIR`: stores Jet's taxonomy files as a shared version and puts it to use."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from catalog.actions.taxonomy import import_taxonomy, refresh_everyone
from catalog.models import TaxonomyVersion
from jetsync.exceptions import DomainError


class Command(BaseCommand):
    help = (
        "Imports Jet's taxonomy files (layout of 2017-02 or 2015-12) from a folder as a new shared version."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument(
            "--name", default="", help="Name of the version; the folder's name when left out."
        )
        parser.add_argument(
            "--keep-current", action="store_true", help="Store it, but go on using the present one."
        )
        parser.add_argument(
            "--if-missing", action="store_true", help="Do nothing when this version exists already."
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        folder: Path = options["folder"]
        name = options["name"] or folder.resolve().name
        if options["if_missing"] and TaxonomyVersion.objects.filter(owner=None, name=name).exists():
            self.stdout.write(f"Taxonomy {name} is there already.")
            return
        try:
            version = import_taxonomy(folder, name, make_current=not options["keep_current"])
        except DomainError as exc:
            raise CommandError(f"{exc.message} {exc.hint}".strip()) from exc
        self.stdout.write(
            f"Taxonomy {name}: {version.categories} categories, {version.attributes} attributes, "
            f"{version.attribute_values} values, {version.links} links."
        )
        for reason, count in sorted(version.dropped.items()):
            self.stdout.write(f"  dropped: {count} {reason}")
        nodes = version.diff.get("nodes", {})
        if nodes:
            changes = ", ".join(f"{count} {change}" for change, count in nodes.items())
            self.stdout.write(f"  categories against {version.diff['against_name']}: {changes}")
        if version.is_current:
            refresh_everyone()
