from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jetsync", "0007_history_by_merchant")]

    operations = [
        migrations.AddField(
            model_name="options",
            name="price_step_percent",
            field=models.PositiveSmallIntegerField(
                default=20,
                help_text="In percent, up or down, from 1 to 1,000. Such a change is stored only when it is confirmed, whichever way it comes: a file, a change of many SKUs, a form or the API.",
                validators=[MinValueValidator(1), MaxValueValidator(1000)],
                verbose_name="Ask before a price moves by more than",
            ),
        ),
    ]
