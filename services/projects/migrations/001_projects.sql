CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- Drawn before a command is judged and recorded in the event: unique, with gaps where one was refused.
CREATE SEQUENCE project_number AS int;

-- `data` is the entity as the consumer decided it (StoredProject); the other columns are made of it, to be searched. Text is
-- folded before it gets here, and compared byte by byte, so that every database agrees.
CREATE TABLE projects (
  id           uuid PRIMARY KEY,
  version      int  NOT NULL,
  data         jsonb NOT NULL,
  -- The last number that a task got. Beside the entity: a new task is no new version of its project.
  task_counter int  NOT NULL DEFAULT 0,
  deleted      boolean GENERATED ALWAYS AS (coalesce((data->>'deleted')::boolean, false)) STORED,
  archived     boolean GENERATED ALWAYS AS ((data->>'archived')::boolean) STORED,
  number       int GENERATED ALWAYS AS ((data->>'number')::int) STORED,
  created_at   text COLLATE "C" GENERATED ALWAYS AS (data->>'createdAt') STORED,
  -- The namespace `handle`: what one project holds in either column, no other holds in any.
  name_key     text COLLATE "C"
    GENERATED ALWAYS AS (CASE WHEN (data->>'deleted')::boolean THEN NULL ELSE data->>'nameKey' END) STORED,
  key_key      text COLLATE "C"
    GENERATED ALWAYS AS (CASE WHEN (data->>'deleted')::boolean THEN NULL ELSE data->>'keyKey' END) STORED,
  -- JSON arrays of user ids; of living projects only.
  member_ids   jsonb GENERATED ALWAYS AS (
    CASE WHEN (data->>'deleted')::boolean THEN NULL ELSE jsonb_path_query_array(data, '$.members[*].userId') END) STORED,
  owner_ids    jsonb GENERATED ALWAYS AS (
    CASE WHEN (data->>'deleted')::boolean THEN NULL
         ELSE jsonb_path_query_array(data, '$.members[*] ? (@.role == "owner").userId') END) STORED,
  -- Deferred, so that two projects can swap their names in one statement.
  CONSTRAINT projects_name_key UNIQUE (name_key) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT projects_key_key UNIQUE (key_key) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT projects_number UNIQUE (number) DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX projects_by_age ON projects (created_at, id) WHERE NOT deleted;
CREATE INDEX projects_by_name ON projects (name_key, id) WHERE NOT deleted;
CREATE INDEX projects_by_member ON projects USING gin (member_ids);
CREATE INDEX projects_by_owner ON projects USING gin (owner_ids);
CREATE INDEX projects_by_mask ON projects USING gin (name_key gin_trgm_ops, key_key gin_trgm_ops) WHERE NOT deleted;
