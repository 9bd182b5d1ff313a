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
  `
  CREATE TABLE threads (
    number INTEGER PRIMARY KEY,
    channel INTEGER NOT NULL,
    name TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    UNIQUE (channel, name)
  ) STRICT;
  CREATE INDEX threads_last ON threads (last_at, number);

  CREATE TABLE conversations (
    thread INTEGER NOT NULL,
    number INTEGER NOT NULL,
    started_at REAL NOT NULL,
    turns INTEGER NOT NULL DEFAULT 0,
    participants TEXT NOT NULL DEFAULT '[]',
    resolved_at REAL,
    resolution TEXT,
    PRIMARY KEY (thread, number)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE inbound (
    -- The order of acceptance.
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    channel INTEGER NOT NULL,
    thread INTEGER NOT NULL,
    -- The platform's id, with a digest of the content that it stands for.
    remote_id TEXT,
    digest TEXT,
    state INTEGER NOT NULL,
    -- When it can be claimed; null where it cannot.
    due_at INTEGER,
    -- While it is claimed: until when, since when, and under which fencing token.
    lease_until INTEGER,
    started_at REAL,
    token INTEGER NOT NULL DEFAULT 0,
    turns INTEGER NOT NULL DEFAULT 0,
    -- The number of turns at the last fresh budget.
    budget_from INTEGER NOT NULL DEFAULT 0,
    -- Whether its thread has one turn at a time, and an earlier message has to end first.
    ordered INTEGER NOT NULL,
    blocked INTEGER NOT NULL DEFAULT 0,
    -- How long the thread has to be quiet before what waits in it is merged; null where nothing is.
    debounce_ms INTEGER,
    -- The message in whose turn it went, or whose turn was told of it.
    turn_of INTEGER,
    told INTEGER NOT NULL DEFAULT 0,
    preview TEXT,
    received_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    reason TEXT,
    message TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX inbound_remote ON inbound (thread, remote_id) WHERE remote_id IS NOT NULL;
  CREATE INDEX inbound_thread ON inbound (thread, received_at);
  CREATE INDEX inbound_due ON inbound (due_at, seq) WHERE due_at IS NOT NULL;
  CREATE INDEX inbound_leased ON inbound (lease_until, seq) WHERE lease_until IS NOT NULL;
  -- Of the messages of a thread a single one may have its turn: the database itself sees to it.
  CREATE UNIQUE INDEX inbound_head ON inbound (thread) WHERE ordered = 1 AND blocked = 0 AND state < 10;
  CREATE INDEX inbound_blocked ON inbound (thread, seq) WHERE blocked = 1;
  CREATE INDEX inbound_untold ON inbound (thread, seq) WHERE state = 13 AND told = 0;
  CREATE INDEX inbound_merged ON inbound (turn_of, seq) WHERE turn_of IS NOT NULL;

  CREATE TABLE turns (
    seq INTEGER NOT NULL,
    number INTEGER NOT NULL,
    at REAL NOT NULL,
    -- Null where the process ended in the turn.
    duration_ms REAL,
    failure TEXT,
    wait_ms REAL,
    PRIMARY KEY (seq, number)
  ) STRICT, WITHOUT ROWID;

  ALTER TABLE deliveries ADD COLUMN thread INTEGER;
  ALTER TABLE deliveries ADD COLUMN in_reply_to TEXT;
  INSERT INTO threads (channel, name, started_at, last_at)
    SELECT channel, thread_id, min(created_at), max(created_at) FROM deliveries
    WHERE thread_id IS NOT NULL GROUP BY channel, thread_id;
  UPDATE deliveries SET thread =
    (SELECT number FROM threads WHERE threads.channel = deliveries.channel AND name = thread_id)
    WHERE thread_id IS NOT NULL;
  CREATE INDEX deliveries_thread ON deliveries (thread, created_at) WHERE thread IS NOT NULL;
  `,
];
