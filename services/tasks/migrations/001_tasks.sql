-- `data` is the entity as the consumer decided it (StoredTask); the other columns are made of it, to be searched where there is no
-- MongoDB. Text is folded before it gets here, and compared byte by byte, so that every database agrees.
CREATE TABLE tasks (
  id           uuid PRIMARY KEY,
  version      int  NOT NULL,
  data         jsonb NOT NULL,
  deleted      boolean GENERATED ALWAYS AS (coalesce((data->>'deleted')::boolean, false)) STORED,
  project_id   uuid GENERATED ALWAYS AS ((data->>'projectId')::uuid) STORED,
  number       int  GENERATED ALWAYS AS ((data->>'number')::int) STORED,
  -- Of living tasks only: what is below a task is found by it.
  parent_id    uuid GENERATED ALWAYS AS (
    CASE WHEN (data->>'deleted')::boolean THEN NULL ELSE (data->>'parentId')::uuid END) STORED,
  assignee_id  uuid GENERATED ALWAYS AS ((data->>'assigneeId')::uuid) STORED,
  state        text COLLATE "C" GENERATED ALWAYS AS (data->>'state') STORED,
  priority_key text COLLATE "C" GENERATED ALWAYS AS (data->>'priorityKey') STORED,
  due_key      text COLLATE "C" GENERATED ALWAYS AS (data->>'dueKey') STORED,
  created_at   text COLLATE "C" GENERATED ALWAYS AS (data->>'createdAt') STORED,
  updated_at   text COLLATE "C" GENERATED ALWAYS AS (data->>'updatedAt') STORED,
  CONSTRAINT tasks_number UNIQUE (project_id, number)
);
CREATE INDEX tasks_by_age ON tasks (project_id, created_at, id) WHERE NOT deleted;
CREATE INDEX tasks_by_assignee ON tasks (assignee_id, created_at, id) WHERE NOT deleted AND assignee_id IS NOT NULL;
CREATE INDEX tasks_by_parent ON tasks (parent_id) WHERE parent_id IS NOT NULL;
