CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- `data` is the entity as the consumer decided it (StoredUser); the other columns are made of it, to be searched. Text is folded
-- before it gets here, and compared byte by byte, so that every database agrees.
CREATE TABLE users (
  id            uuid PRIMARY KEY,
  version       int  NOT NULL,
  data          jsonb NOT NULL,
  deleted       boolean GENERATED ALWAYS AS (coalesce((data->>'deleted')::boolean, false)) STORED,
  role          text GENERATED ALWAYS AS (data->>'role') STORED,
  created_at    text COLLATE "C" GENERATED ALWAYS AS (data->>'createdAt') STORED,
  full_name_key text COLLATE "C" GENERATED ALWAYS AS (data->>'fullNameKey') STORED,
  username_key  text COLLATE "C"
    GENERATED ALWAYS AS (CASE WHEN (data->>'deleted')::boolean THEN NULL ELSE data->>'usernameKey' END) STORED,
  email_key     text COLLATE "C"
    GENERATED ALWAYS AS (CASE WHEN (data->>'deleted')::boolean THEN NULL ELSE data->>'emailKey' END) STORED,
  access_changed_at timestamptz,
  -- Deferred, so that two users can swap their names in one statement.
  CONSTRAINT users_username_key UNIQUE (username_key) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT users_email_key UNIQUE (email_key) DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX users_by_age ON users (created_at, id) WHERE NOT deleted;
CREATE INDEX users_by_name ON users (username_key, id) WHERE NOT deleted;
CREATE INDEX users_by_role ON users (role, created_at, id) WHERE NOT deleted;
CREATE INDEX users_by_mask ON users USING gin (username_key gin_trgm_ops, full_name_key gin_trgm_ops) WHERE NOT deleted;

-- A token carries its user's role and outlives a change of it, so whoever verifies tokens asks who was changed or removed lately:
-- by the clock of this database, because a command may be decided long after it was sent.
CREATE FUNCTION users_access_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.access_changed_at := clock_timestamp();
  RETURN NEW;
END
$$;
CREATE TRIGGER users_access_changed BEFORE UPDATE ON users FOR EACH ROW
  WHEN (OLD.data->'role' IS DISTINCT FROM NEW.data->'role' OR OLD.data->'deleted' IS DISTINCT FROM NEW.data->'deleted')
  EXECUTE FUNCTION users_access_changed();
CREATE INDEX users_access_changed ON users (access_changed_at) WHERE access_changed_at IS NOT NULL;
