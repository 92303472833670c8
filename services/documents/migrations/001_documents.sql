-- `data` is the entity as the consumer decided it (StoredDocument), whose own `data` is the free JSON.
CREATE TABLE documents (
  id         uuid PRIMARY KEY,
  version    int   NOT NULL,
  data       jsonb NOT NULL,
  deleted    boolean GENERATED ALWAYS AS (coalesce((data->>'deleted')::boolean, false)) STORED,
  owner_id   text COLLATE "C" GENERATED ALWAYS AS (data->>'ownerId') STORED,
  created_at text COLLATE "C" GENERATED ALWAYS AS (data->>'createdAt') STORED
);
CREATE INDEX documents_by_owner ON documents (owner_id, created_at, id) WHERE NOT deleted;
