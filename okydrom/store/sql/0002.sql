-- What was asked beside the task itself: order, callbacks, idempotency, edits, erasing, steering, bulk, audit.

ALTER TABLE task ADD COLUMN order_key TEXT;
CREATE INDEX task_order_key ON task (order_key) WHERE order_key IS NOT NULL;

-- Tasks whose end tells somebody: their records have a callback.
CREATE TABLE callback (
  seq INTEGER PRIMARY KEY
) STRICT;

-- Waiting tasks with an order key: each source's key is a line, in which one task is ready and the others are behind.
CREATE TABLE line (
  seq INTEGER PRIMARY KEY,
  source TEXT NOT NULL,
  order_key TEXT NOT NULL,
  due INTEGER                        -- NULL: it is ready; else its own time, while its task.due is out of reach
) STRICT;
CREATE INDEX line_behind ON line (source, order_key, seq);
CREATE UNIQUE INDEX line_ready ON line (source, order_key) WHERE due IS NULL;

-- Idempotency keys: the request that each came with and the answer that it got. Kept a day at least, and as long as
-- one of its tasks (seqs from first to last).
CREATE TABLE idempotency (
  source TEXT NOT NULL,
  key TEXT NOT NULL,
  hash BLOB NOT NULL,                -- of body bytes, content type and query
  status INTEGER NOT NULL,           -- of the answer
  answer BLOB NOT NULL,              -- its JSON
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (source, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_age ON idempotency (created_at);

-- What was done to a task by command.
CREATE TABLE history (
  key INTEGER PRIMARY KEY,
  seq INTEGER NOT NULL,
  at INTEGER NOT NULL,
  by TEXT NOT NULL,
  action TEXT NOT NULL,
  change TEXT                        -- JSON: what of it was changed
) STRICT;
CREATE INDEX history_task ON history (seq);

-- Tombstones: tasks whose body, headers, query and answers were erased.
CREATE TABLE erased (
  seq INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  sha256 BLOB                        -- of the body; NULL: it had none
) STRICT;

-- What operators want of a destination, and why it is held. The destination stays while it has a row here.
ALTER TABLE destination ADD COLUMN steered INTEGER NOT NULL DEFAULT 0 CHECK (steered IN (0, 1));
CREATE TABLE steering (
  number INTEGER PRIMARY KEY,        -- destination.number
  paused_at INTEGER,
  paused_by TEXT,
  note TEXT,
  held_at INTEGER,
  held_code INTEGER,                 -- of the answer that held it
  concurrency INTEGER,
  rate REAL                          -- attempts a second
) STRICT;
DROP INDEX destination_steered;
CREATE INDEX destination_steered ON destination (number) WHERE paused = 1 OR held_until > 0 OR steered = 1;
DROP INDEX destination_empty;
CREATE INDEX destination_empty ON destination (held_until)
  WHERE waiting = 0 AND delivered = 0 AND failed = 0 AND cancelled = 0 AND paused = 0 AND steered = 0;

CREATE INDEX destination_crowded ON destination (waiting) WHERE waiting >= 1000;

-- Commands over a filter: what was planned, how far it has come.
CREATE TABLE bulk (
  number INTEGER PRIMARY KEY,
  id BLOB NOT NULL UNIQUE,
  action TEXT NOT NULL,
  plan TEXT NOT NULL,                -- JSON: filter, set, rebase, rate as they were asked for
  state TEXT NOT NULL CHECK (state IN ('running', 'done', 'stopped', 'failed')),
  by TEXT NOT NULL,
  matched INTEGER NOT NULL,
  done INTEGER NOT NULL DEFAULT 0,
  skipped TEXT NOT NULL DEFAULT '{}',  -- JSON: how many, by reason
  cursor INTEGER NOT NULL DEFAULT 0, -- the last seq that was looked at
  last INTEGER NOT NULL,             -- the highest seq of the plan: what came later is not touched
  created_at INTEGER NOT NULL,
  finished_at INTEGER
) STRICT;
CREATE INDEX bulk_running ON bulk (number) WHERE state = 'running';
CREATE INDEX bulk_finished ON bulk (finished_at) WHERE finished_at IS NOT NULL;

-- What operators changed.
CREATE TABLE audit (
  key INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  by TEXT NOT NULL,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,             -- JSON: a filter, ids, or a destination
  count INTEGER NOT NULL
) STRICT;
CREATE INDEX audit_age ON audit (at);

-- An attempt's key is never used twice either, also when the attempt is gone before its task.
ALTER TABLE meta ADD COLUMN last_attempt INTEGER NOT NULL DEFAULT 0;
UPDATE meta SET last_attempt = coalesce((SELECT max(key) FROM attempt), 0);

-- The clock was moved by so many ms (0: no move is under way) when it said `shift_at`; waiting tasks up to the seq
-- `shift_after` are moved along.
ALTER TABLE meta ADD COLUMN shift_by INTEGER NOT NULL DEFAULT 0;
ALTER TABLE meta ADD COLUMN shift_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE meta ADD COLUMN shift_after INTEGER NOT NULL DEFAULT 0;
