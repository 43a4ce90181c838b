-- The first schema. A file here is one step: its number is the schema's version once it has run (PRAGMA user_version).
-- A step that was released is never changed; the next one is a new file.
--
-- Times are epoch milliseconds. Each index ends in seq (a rowid), so that one value of its column is a list in order
-- of import. Most are partial: what is common (delivered by POST from the local source) costs no entry in them.

-- One row.
CREATE TABLE meta (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  instance TEXT NOT NULL,            -- shared with the journal
  epoch INTEGER NOT NULL,            -- grows with every opening
  position INTEGER NOT NULL,         -- the last journal number that is imported
  last_seq INTEGER NOT NULL,         -- a seq is never used twice, also when its task is gone
  queued INTEGER NOT NULL DEFAULT 0 CHECK (queued >= 0),
  retrying INTEGER NOT NULL DEFAULT 0 CHECK (retrying >= 0),
  delivered INTEGER NOT NULL DEFAULT 0 CHECK (delivered >= 0),
  failed INTEGER NOT NULL DEFAULT 0 CHECK (failed >= 0),
  cancelled INTEGER NOT NULL DEFAULT 0 CHECK (cancelled >= 0)
) STRICT;

-- A destination stays while it has tasks or is paused or held.
CREATE TABLE destination (
  number INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,          -- scheme://host:port
  waiting INTEGER NOT NULL DEFAULT 0 CHECK (waiting >= 0),
  delivered INTEGER NOT NULL DEFAULT 0 CHECK (delivered >= 0),
  failed INTEGER NOT NULL DEFAULT 0 CHECK (failed >= 0),
  cancelled INTEGER NOT NULL DEFAULT 0 CHECK (cancelled >= 0),
  next_due INTEGER,                  -- of its unclaimed waiting tasks
  paused INTEGER NOT NULL DEFAULT 0 CHECK (paused IN (0, 1)),
  held_until INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX destination_start ON destination (max(next_due, held_until)) WHERE paused = 0 AND next_due IS NOT NULL;
CREATE INDEX destination_due ON destination (next_due) WHERE next_due IS NOT NULL;
CREATE INDEX destination_steered ON destination (number) WHERE paused = 1 OR held_until > 0;
CREATE INDEX destination_empty ON destination (held_until)
  WHERE waiting = 0 AND delivered = 0 AND failed = 0 AND cancelled = 0 AND paused = 0;

-- A task as it stands. What was asked and never changes stands in its record too, which is what goes out.
CREATE TABLE task (
  seq INTEGER PRIMARY KEY,           -- order of import
  id BLOB NOT NULL,                  -- UUIDv7, 16 bytes
  status TEXT NOT NULL,              -- sending is never stored
  reason TEXT,
  version INTEGER NOT NULL,
  claim INTEGER NOT NULL,            -- the epoch whose lanes have it; 0: nobody
  cancel_noted INTEGER NOT NULL,
  source TEXT NOT NULL,
  method TEXT NOT NULL,
  http_method TEXT NOT NULL,
  url TEXT NOT NULL,
  destination INTEGER NOT NULL,      -- destination.number
  event TEXT,
  labels TEXT,                       -- a JSON object
  parent BLOB,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  due INTEGER,                       -- the earliest next attempt of a waiting one
  finished_at INTEGER,
  expires_at INTEGER,
  attempts INTEGER NOT NULL,
  attempts_left INTEGER NOT NULL,
  max_attempts INTEGER NOT NULL,
  last_code INTEGER,
  last_error TEXT,
  size INTEGER NOT NULL,             -- bytes of the body
  crc INTEGER NOT NULL,              -- CRC-32 of the record
  CHECK (
    CASE status
      WHEN 'delivered' THEN finished_at IS NOT NULL AND due IS NULL AND claim = 0 AND reason IS NULL
      WHEN 'queued' THEN finished_at IS NULL AND due IS NOT NULL AND reason IS NULL
      WHEN 'retrying' THEN finished_at IS NULL AND due IS NOT NULL AND reason IS NULL
      WHEN 'failed' THEN finished_at IS NOT NULL AND due IS NULL AND claim = 0 AND reason IS NOT NULL
      WHEN 'cancelled' THEN finished_at IS NOT NULL AND due IS NULL AND claim = 0 AND reason IS NULL
      ELSE 0
    END
  )
) STRICT;
CREATE UNIQUE INDEX task_id ON task (id);
CREATE INDEX task_status ON task (status);
CREATE INDEX task_destination ON task (destination);
CREATE INDEX task_due ON task (destination, due) WHERE claim = 0 AND due IS NOT NULL;
CREATE INDEX task_claim ON task (claim) WHERE claim <> 0;
CREATE INDEX task_expiry ON task (expires_at) WHERE expires_at IS NOT NULL AND due IS NOT NULL;
CREATE INDEX task_reason ON task (reason) WHERE reason IS NOT NULL;
CREATE INDEX task_error ON task (last_error) WHERE last_error IS NOT NULL;
CREATE INDEX task_code ON task (last_code) WHERE last_code NOT BETWEEN 200 AND 299;
CREATE INDEX task_event ON task (event) WHERE event IS NOT NULL;
CREATE INDEX task_parent ON task (parent) WHERE parent IS NOT NULL;
CREATE INDEX task_source ON task (source) WHERE source <> 'local';
CREATE INDEX task_method ON task (method) WHERE method <> 'POST';

-- Bytes that are not rewritten when a task moves on.
CREATE TABLE record (
  seq INTEGER PRIMARY KEY,
  record BLOB NOT NULL               -- see okydrom/record.py
) STRICT;

CREATE TABLE attempt (
  key INTEGER PRIMARY KEY,           -- seq * 2^20 + number: a task's attempts lie together, in order
  attempt BLOB NOT NULL              -- see okydrom/store/sqlite/attempts.py
) STRICT;

CREATE TABLE label (
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (key, value, seq)
) STRICT, WITHOUT ROWID;

-- When the tasks of 4,096 consecutive seqs were created: a search by creation skips whole spans.
CREATE TABLE span (
  block INTEGER PRIMARY KEY,         -- seq / 4096
  first INTEGER NOT NULL,
  last INTEGER NOT NULL
) STRICT;
