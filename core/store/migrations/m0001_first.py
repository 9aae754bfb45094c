"""The first tables: one per kind of record, events, leases. Frozen text, whatever the declaration says later."""

SQLITE: tuple[str, ...] = (
    'CREATE TABLE "Domain" ('
    '"key" TEXT PRIMARY KEY NOT NULL, "revision" INTEGER NOT NULL, "deleted" INTEGER, "created_at" TEXT, "body" TEXT NOT NULL) STRICT',
    'CREATE INDEX "Domain_deleted" ON "Domain" ("deleted", "key")',
    'CREATE INDEX "Domain_created_at" ON "Domain" ("created_at", "key")',
    'CREATE TABLE "Dataset" ("key" TEXT PRIMARY KEY NOT NULL, "revision" INTEGER NOT NULL, "domain" TEXT, "body" TEXT NOT NULL) STRICT',
    'CREATE INDEX "Dataset_domain" ON "Dataset" ("domain", "key")',
    'CREATE TABLE "DatasetVersion" ('
    '"key" TEXT PRIMARY KEY NOT NULL, "revision" INTEGER NOT NULL, "dataset" TEXT, "change" INTEGER, "body" TEXT NOT NULL) STRICT',
    'CREATE INDEX "DatasetVersion_dataset_change" ON "DatasetVersion" ("dataset", "change", "key")',
    'CREATE TABLE "Sample" ('
    '"key" TEXT PRIMARY KEY NOT NULL, "revision" INTEGER NOT NULL, "dataset" TEXT, "id" TEXT, "text_hash" TEXT, "split" TEXT, '
    '"since" INTEGER, "until" INTEGER, "body" TEXT NOT NULL) STRICT',
    'CREATE INDEX "Sample_dataset_id_key_until_since_split" ON "Sample" ("dataset", "id", "key", "until", "since", "split")',
    'CREATE INDEX "Sample_text_hash" ON "Sample" (substr("text_hash", 1, 12))',
    'CREATE TABLE "SplitLock" ("key" TEXT PRIMARY KEY NOT NULL, "revision" INTEGER NOT NULL, "split" TEXT, "body" TEXT NOT NULL) STRICT',
    'CREATE TABLE "TrainingRun" ('
    '"key" TEXT PRIMARY KEY NOT NULL, "revision" INTEGER NOT NULL, "domain" TEXT, "status" TEXT, "created_at" TEXT, '
    '"fingerprint" TEXT, "dataset" TEXT, "version" TEXT, "body" TEXT NOT NULL) STRICT',
    'CREATE INDEX "TrainingRun_domain_created_at" ON "TrainingRun" ("domain", "created_at", "key")',
    'CREATE INDEX "TrainingRun_status_created_at" ON "TrainingRun" ("status", "created_at", "key")',
    'CREATE INDEX "TrainingRun_created_at" ON "TrainingRun" ("created_at", "key")',
    'CREATE INDEX "TrainingRun_fingerprint" ON "TrainingRun" ("fingerprint", "key")',
    'CREATE INDEX "TrainingRun_dataset" ON "TrainingRun" ("dataset", "key")',
    'CREATE INDEX "TrainingRun_version" ON "TrainingRun" ("version", "key")',
    'CREATE TABLE "RunNote" ("key" TEXT PRIMARY KEY NOT NULL, "revision" INTEGER NOT NULL, "body" TEXT NOT NULL) STRICT',
    'CREATE TABLE "Signal" ("key" TEXT PRIMARY KEY NOT NULL, "revision" INTEGER NOT NULL, "body" TEXT NOT NULL) STRICT',
    'CREATE TABLE "SampleOutcome" ('
    '"key" TEXT PRIMARY KEY NOT NULL, "revision" INTEGER NOT NULL, "run_id" TEXT, "side" TEXT, "split" TEXT, "sample_id" TEXT, '
    '"body" TEXT NOT NULL) STRICT',
    'CREATE INDEX "SampleOutcome_run_id_side_split" ON "SampleOutcome" ("run_id", "side", "split", "key")',
    'CREATE INDEX "SampleOutcome_sample_id" ON "SampleOutcome" ("sample_id", "key")',
    'CREATE TABLE "Look" ('
    '"key" TEXT PRIMARY KEY NOT NULL, "revision" INTEGER NOT NULL, "content_hash" TEXT, "domain" TEXT, "run_id" TEXT, "time" TEXT, '
    '"body" TEXT NOT NULL) STRICT',
    'CREATE INDEX "Look_content_hash" ON "Look" ("content_hash", "key")',
    'CREATE INDEX "Look_domain" ON "Look" ("domain", "key")',
    'CREATE INDEX "Look_run_id" ON "Look" ("run_id", "key")',
    'CREATE INDEX "Look_time" ON "Look" ("time", "key")',
    'CREATE TABLE "PromptVersion" ('
    '"key" TEXT PRIMARY KEY NOT NULL, "revision" INTEGER NOT NULL, "domain" TEXT, "created_at" TEXT, "run_id" TEXT, '
    '"body" TEXT NOT NULL) STRICT',
    'CREATE INDEX "PromptVersion_domain" ON "PromptVersion" ("domain", "key")',
    'CREATE INDEX "PromptVersion_created_at" ON "PromptVersion" ("created_at", "key")',
    'CREATE INDEX "PromptVersion_run_id" ON "PromptVersion" ("run_id", "key")',
    'CREATE TABLE "Deployment" ('
    '"key" TEXT PRIMARY KEY NOT NULL, "revision" INTEGER NOT NULL, "domain" TEXT, "stage" TEXT, "since" TEXT, "version" TEXT, '
    '"body" TEXT NOT NULL) STRICT',
    'CREATE INDEX "Deployment_domain" ON "Deployment" ("domain", "key")',
    'CREATE INDEX "Deployment_stage" ON "Deployment" ("stage", "key")',
    'CREATE INDEX "Deployment_since" ON "Deployment" ("since", "key")',
    'CREATE INDEX "Deployment_version" ON "Deployment" ("version", "key")',
    'CREATE TABLE "Call" ('
    '"key" TEXT PRIMARY KEY NOT NULL, "revision" INTEGER NOT NULL, "run_id" TEXT, "time" TEXT, "model" TEXT, "provider" TEXT, '
    '"use_case" TEXT, "body" TEXT NOT NULL) STRICT',
    'CREATE INDEX "Call_run_id_time" ON "Call" ("run_id", "time", "key")',
    'CREATE INDEX "Call_time_model_provider_use_case" ON "Call" ("time", "model", "provider", "use_case", "key")',
    'CREATE TABLE "Text" ("key" TEXT PRIMARY KEY NOT NULL, "revision" INTEGER NOT NULL, "body" TEXT NOT NULL) STRICT',
    'CREATE TABLE "Vector" ("key" TEXT PRIMARY KEY NOT NULL, "revision" INTEGER NOT NULL, "digest" TEXT, "body" TEXT NOT NULL) STRICT',
    'CREATE INDEX "Vector_digest" ON "Vector" ("digest", "key")',
    'CREATE TABLE "Event" ('
    "stream TEXT NOT NULL, seq INTEGER NOT NULL, key TEXT NOT NULL, event_type TEXT NOT NULL, body TEXT NOT NULL, "
    "PRIMARY KEY (stream, seq)) STRICT, WITHOUT ROWID",
    'CREATE UNIQUE INDEX "Event_key" ON "Event" (stream, key)',
    'CREATE INDEX "Event_type" ON "Event" (stream, event_type, seq)',
    'CREATE TABLE "Lease" ('
    "name TEXT PRIMARY KEY NOT NULL, owner TEXT NOT NULL, token INTEGER NOT NULL, boot TEXT NOT NULL, taken INTEGER NOT NULL, "
    "expires INTEGER NOT NULL, released INTEGER NOT NULL) STRICT",
)
