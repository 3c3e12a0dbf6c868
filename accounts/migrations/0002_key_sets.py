from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="PublicKeySet",
            fields=[
                ("source", models.TextField(primary_key=True, serialize=False)),
                ("document", models.TextField()),
                ("fetched_at", models.DateTimeField()),
            ],
            options={"db_table": "accounts_key_sets"},
        ),
    ]
