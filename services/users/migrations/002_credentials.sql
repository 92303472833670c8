-- Secrets. They never enter the log: the users service writes them here itself, so that a revocation is immediate.

-- No reference to `users`: a registration's hash is written first, and is inert until that user exists.
CREATE TABLE credentials (
  user_id       uuid PRIMARY KEY,
  password_hash text NOT NULL,                 -- PHC string
  unseen        boolean NOT NULL DEFAULT false, -- generated, and perhaps not printed yet
  claimed       boolean NOT NULL DEFAULT false, -- its user was there at a sweep
  changed_at    timestamptz NOT NULL DEFAULT now()
);

-- A session is a family of refresh tokens, of which one at a time is good.
CREATE TABLE sessions (
  id         uuid PRIMARY KEY,
  user_id    uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,             -- moves with each refresh
  revoked_at timestamptz
);
CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_expiry ON sessions (expires_at);
CREATE INDEX sessions_revoked ON sessions (revoked_at) WHERE revoked_at IS NOT NULL;

CREATE TABLE refresh_tokens (
  hash       bytea PRIMARY KEY,                -- SHA-256: the token itself is nowhere
  session_id uuid NOT NULL REFERENCES sessions ON DELETE CASCADE,
  parent     bytea,                            -- the token that it was given for
  used_at    timestamptz
);
CREATE INDEX refresh_tokens_session ON refresh_tokens (session_id);
CREATE INDEX refresh_tokens_parent ON refresh_tokens (parent);

CREATE TABLE signing_keys (
  kid         text PRIMARY KEY,
  state       text NOT NULL CHECK (state IN ('next', 'current', 'retired')),
  public_key  jsonb NOT NULL,                  -- JWK
  private_key jsonb,                           -- JWK; gone once it is retired
  since       timestamptz NOT NULL DEFAULT now() -- in this state
);
CREATE UNIQUE INDEX signing_keys_state ON signing_keys (state) WHERE state <> 'retired';

-- Keys for what is sealed and never shown: `setup` for setup tokens.
CREATE TABLE seals (
  name  text PRIMARY KEY,
  value bytea NOT NULL
);
