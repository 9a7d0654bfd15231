from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("papers", "0002_details_and_problems")]

    operations = [
        migrations.CreateModel(
            name="RevisionMark",
            fields=[
                ("revision", models.BigIntegerField(primary_key=True, serialize=False)),
                ("token", models.CharField(max_length=16)),
            ],
        ),
    ]
