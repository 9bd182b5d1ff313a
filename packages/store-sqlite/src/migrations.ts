/**
 * The schema, step by step: the file's `user_version` says how many of the steps it has been through. A step is never changed
 * once it was released; a new one is added.
 *
 * States are numbers, so that one comparison tells what has ended: see `states.ts`. Times are milliseconds of the store's own
 * time since the epoch.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE channels (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    suspended_at INTEGER,
    reason TEXT,
    config_digest TEXT
  ) STRICT;

  CREATE TABLE deliveries (
    -- The order of acceptance.
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    channel INTEGER NOT NULL,
    state INTEGER NOT NULL,
    -- When it can be claimed; null where it cannot.
    due_at INTEGER,
    -- While it is claimed: until when, and under which fencing token.
    lease_until INTEGER,
    token INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    -- The number of attempts at the last fresh budget.
    budget_from INTEGER NOT NULL DEFAULT 0,
    maybe_arrived INTEGER NOT NULL DEFAULT 0,
    ordering_key TEXT,
    -- An earlier delivery with the same ordering key has to end first.
    blocked INTEGER NOT NULL DEFAULT 0,
    thread_id TEXT,
    -- Only a key that the sender chose, with a digest of the content that it stands for.
    idempotency_key TEXT,
    digest TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    expires_at INTEGER,
    failure_kind TEXT,
    reason TEXT,
    receipt TEXT,
    message TEXT NOT NULL
  ) STRICT;
  CREATE INDEX deliveries_due ON deliveries (channel, due_at) WHERE due_at IS NOT NULL;
  CREATE INDEX deliveries_leased ON deliveries (channel, lease_until) WHERE lease_until IS NOT NULL;
  CREATE UNIQUE INDEX deliveries_idempotency ON deliveries (channel, idempotency_key) WHERE idempotency_key IS NOT NULL;
  -- Of the deliveries with one ordering key a single one may be under way: the database itself sees to it.
  CREATE UNIQUE INDEX deliveries_head ON deliveries (ordering_key)
    WHERE ordering_key IS NOT NULL AND blocked = 0 AND state < 10;
  CREATE INDEX deliveries_blocked ON deliveries (ordering_key, seq) WHERE blocked = 1;
  -- What a person has to look at is found without reading what went well.
  CREATE INDEX deliveries_attention ON deliveries (state, seq) WHERE state IN (3, 11, 12, 13);

  CREATE TABLE attempts (
    seq INTEGER NOT NULL,
    number INTEGER NOT NULL,
    at REAL NOT NULL,
    duration_ms REAL NOT NULL,
    status INTEGER,
    failure TEXT,
    wait_ms REAL,
    PRIMARY KEY (seq, number)
  ) STRICT, WITHOUT ROWID;
  `,
];
