"""Category rows with the day of their paper, and the indexes that lists are read from; see lookup/list_pages.py.

Indexes of one column that lead another index are dropped, as each costs time in an import. That is done by hand: SQLite
would copy the whole table of papers for it.
"""

from __future__ import annotations

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

from coolpapers.papers.models import DateOrFirst, TitleStart

BATCH = 50_000  # papers
DROPPED = (
    ("Paper", "announced"),
    ("Paper", "venue"),
    ("PaperCategory", "category"),
    ("PaperCategory", "paper"),
    ("PaperVersion", "paper"),
)


def fill_days(apps: Any, _schema_editor: Any) -> None:
    papers, rows = apps.get_model("papers", "Paper"), apps.get_model("papers", "PaperCategory")
    day = models.Subquery(papers.objects.filter(pk=models.OuterRef("paper_id")).order_by().values("announced"))
    last = papers.objects.aggregate(last=models.Max("pk"))["last"] or 0
    for first in range(1, last + 1, BATCH):
        rows.objects.filter(paper_id__gte=first, paper_id__lt=first + BATCH).update(announced=day)


def drop_indexes(apps: Any, schema_editor: Any) -> None:
    connection = schema_editor.connection
    for model_name, field_name in DROPPED:
        model = apps.get_model("papers", model_name)
        column, table = model._meta.get_field(field_name).column, model._meta.db_table
        with connection.cursor() as cursor:
            constraints = connection.introspection.get_constraints(cursor, table)
        for name, constraint in constraints.items():
            is_plain = constraint["index"] and not constraint["unique"] and not constraint["primary_key"]
            if is_plain and constraint["columns"] == [column]:
                schema_editor.execute(f"DROP INDEX {schema_editor.quote_name(name)}")


def restore_indexes(apps: Any, schema_editor: Any) -> None:
    for model_name, field_name in DROPPED:
        model = apps.get_model("papers", model_name)
        schema_editor.execute(schema_editor._create_index_sql(model, fields=[model._meta.get_field(field_name)]))


def _key(model: str, *, related_name: str) -> Any:
    delete = django.db.models.deletion.CASCADE
    return models.ForeignKey(db_index=False, on_delete=delete, related_name=related_name, to=f"papers.{model}")


VENUE = models.ForeignKey(
    blank=True,
    db_index=False,
    null=True,
    on_delete=django.db.models.deletion.PROTECT,
    related_name="papers",
    to="papers.venue",
)


class Migration(migrations.Migration):
    dependencies = [("papers", "0010_sort_names")]

    operations = [
        migrations.AddField(
            model_name="papercategory",
            name="announced",
            field=models.DateField(blank=True, editable=False, null=True),
        ),
        migrations.RunPython(fill_days, migrations.RunPython.noop, elidable=True),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField("paper", "announced", models.DateField(blank=True, null=True)),
                migrations.AlterField("paper", "venue", VENUE),
                migrations.AlterField("papercategory", "category", _key("category", related_name="paper_rows")),
                migrations.AlterField("papercategory", "paper", _key("paper", related_name="category_rows")),
                migrations.AlterField("paperversion", "paper", _key("paper", related_name="versions")),
            ],
            database_operations=[migrations.RunPython(drop_indexes, restore_indexes)],
        ),
        migrations.AddIndex(
            model_name="papercategory",
            index=models.Index(fields=["category", "announced", "paper"], name="paper_category_day"),
        ),
        migrations.AddIndex(
            model_name="paper",
            index=models.Index(TitleStart("title"), models.F("id"), name="paper_title_id"),
        ),
        migrations.AddIndex(
            model_name="paper",
            index=models.Index(DateOrFirst("updated"), models.F("id"), name="paper_updated_id"),
        ),
    ]
