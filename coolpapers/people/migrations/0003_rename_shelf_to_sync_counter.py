import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('people', '0002_alerts_and_sharing'),
    ]

    operations = [
        migrations.RenameModel(old_name='Shelf', new_name='SyncCounter'),
        migrations.AlterField(
            model_name='synccounter',
            name='user',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='sync_counter', to=settings.AUTH_USER_MODEL),
        ),
    ]
