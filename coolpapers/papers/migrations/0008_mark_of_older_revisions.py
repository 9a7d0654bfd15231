from __future__ import annotations

import secrets
from typing import Any

from django.db import migrations


def mark_current_revision(apps: Any, _schema_editor: Any) -> None:
    """Revisions from before marks were kept get one, so that their history can be told from others."""
    counter = apps.get_model("papers", "Sequence").objects.filter(name="revision").first()
    marks = apps.get_model("papers", "RevisionMark").objects
    if counter is not None and counter.value and not marks.filter(revision__gte=counter.value).exists():
        marks.create(revision=counter.value, token=secrets.token_hex(8))


class Migration(migrations.Migration):
    dependencies = [("papers", "0007_pair_decisions")]

    operations = [migrations.RunPython(mark_current_revision, migrations.RunPython.noop)]
