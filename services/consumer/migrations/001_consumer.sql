-- How far each partition of `commands` is. `next_offset` is moved by the deciding transaction, the others after it.
CREATE TABLE consumer_progress (
  partition   int    PRIMARY KEY,
  next_offset bigint NOT NULL DEFAULT 0, -- decided and committed: everything below
  epoch       bigint NOT NULL DEFAULT 0, -- of the owner and of the cache: milliseconds, odd while the cache is shut
  published   bigint NOT NULL DEFAULT 0, -- acknowledged by `events`
  decided     bigint NOT NULL DEFAULT 0, -- watermark: users and projects may be told
  served      bigint NOT NULL DEFAULT 0, -- watermark: tasks and documents may be told
  updated_at  timestamptz NOT NULL DEFAULT now()
);
INSERT INTO consumer_progress (partition) SELECT generate_series(0, 11);

-- Every outcome: dedupe table, rejection store, operation look-up, and the copy from which `events` and the projections are
-- brought up to date. Kept for seven days, and until every cursor has passed.
CREATE TABLE outcomes (
  partition   int    NOT NULL,
  position    bigint NOT NULL,
  command_id  uuid   NOT NULL,
  first       boolean NOT NULL,          -- false for a later record with a command id that was seen before
  actor       text,
  hash        text   NOT NULL,
  entity_id   uuid   NOT NULL,
  version     int,                       -- of the entity after it; null for a rejection
  rejection   text,                      -- its code
  record      jsonb  NOT NULL,           -- the Outcome as it stands on `events`
  after       bigint[] NOT NULL,         -- must be on `events` first: `next_offset` of every partition when it was decided
  decided_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (partition, position)
);
CREATE UNIQUE INDEX outcomes_command ON outcomes (command_id) WHERE first;
CREATE INDEX outcomes_age ON outcomes (decided_at);

CREATE TABLE dead_letters (
  partition   int    NOT NULL,
  position    bigint NOT NULL,
  command_id  uuid,
  key         text   NOT NULL,
  value       text   NOT NULL,           -- the record as it is on the log
  code        text   NOT NULL,
  reason      text   NOT NULL,
  requeued_as uuid,
  discarded   boolean NOT NULL DEFAULT false,
  at          timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (partition, position)
);

-- Facts about this database: `incarnation`, the logs it follows, the secret that operation ids are signed with.
CREATE TABLE system (
  name  text PRIMARY KEY,
  value jsonb NOT NULL
);
INSERT INTO system (name, value) VALUES ('incarnation', '1');
