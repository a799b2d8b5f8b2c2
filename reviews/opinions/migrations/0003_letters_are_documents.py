import django.db.models.deletion
from django.db import migrations, models

MOVE = """
INSERT INTO documents_document (id, case_id, kind, subject, filename, status, attempts, next_try_at, taken_until, error, stored_id, sha256,
                                size, created_at, ready_at)
SELECT old.id, opinion.case_id, 'opinion', opinion.uid::text, 'second-opinion-' || cases_case.reference || '-v' || opinion.version || '.pdf',
       old.status, old.attempts, old.next_try_at, old.taken_until, old.error, old.stored_id, old.sha256, old.size, old.created_at, old.ready_at
FROM opinions_document old
JOIN opinions_opinion opinion ON opinion.id = old.opinion_id
JOIN cases_case ON cases_case.id = opinion.case_id;

INSERT INTO opinions_letter (document_ptr_id, opinion_id) SELECT id, opinion_id FROM opinions_document;
SELECT setval(pg_get_serial_sequence('documents_document', 'id'), (SELECT max(id) FROM documents_document))
WHERE EXISTS (SELECT FROM documents_document);
SET CONSTRAINTS ALL IMMEDIATE;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0001_initial"),
        ("opinions", "0002_longer_conflict_statement"),
    ]

    operations = [
        migrations.CreateModel(
            name="Letter",
            fields=[
                (
                    "document_ptr",
                    models.OneToOneField(
                        auto_created=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        parent_link=True,
                        primary_key=True,
                        serialize=False,
                        to="documents.document",
                    ),
                ),
                (
                    "opinion",
                    models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name="document", to="opinions.opinion"),
                ),
            ],
            bases=("documents.document",),
        ),
        migrations.RunSQL(MOVE),
        migrations.DeleteModel(name="Document"),
    ]
