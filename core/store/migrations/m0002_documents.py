"""Documents that came in, which domain each was given, what was found in it; trained heads of the recognizer."""

SQLITE: tuple[str, ...] = (
    'CREATE TABLE "Document" ('
    '"key" TEXT PRIMARY KEY NOT NULL, "revision" INTEGER NOT NULL, "received_at" TEXT, "body" TEXT NOT NULL) STRICT',
    'CREATE INDEX "Document_received_at" ON "Document" ("received_at", "key")',
    'CREATE TABLE "Classification" ('
    '"key" TEXT PRIMARY KEY NOT NULL, "revision" INTEGER NOT NULL, "domain" TEXT, "at" TEXT, "overridden" INTEGER, '
    '"body" TEXT NOT NULL) STRICT',
    'CREATE INDEX "Classification_domain_at" ON "Classification" ("domain", "at", "key")',
    'CREATE INDEX "Classification_at" ON "Classification" ("at", "key")',
    'CREATE INDEX "Classification_overridden_at" ON "Classification" ("overridden", "at", "key")',
    'CREATE TABLE "Extraction" ('
    '"key" TEXT PRIMARY KEY NOT NULL, "revision" INTEGER NOT NULL, "document" TEXT, "domain" TEXT, "at" TEXT, '
    '"body" TEXT NOT NULL) STRICT',
    'CREATE INDEX "Extraction_document_at" ON "Extraction" ("document", "at", "key")',
    'CREATE INDEX "Extraction_domain_at" ON "Extraction" ("domain", "at", "key")',
    'CREATE INDEX "Extraction_at" ON "Extraction" ("at", "key")',
    'CREATE TABLE "RecognizerVersion" ('
    '"key" TEXT PRIMARY KEY NOT NULL, "revision" INTEGER NOT NULL, "stage" TEXT, "created_at" TEXT, "body" TEXT NOT NULL) STRICT',
    'CREATE INDEX "RecognizerVersion_stage" ON "RecognizerVersion" ("stage", "key")',
    'CREATE INDEX "RecognizerVersion_created_at" ON "RecognizerVersion" ("created_at", "key")',
)
