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

-- A task as it stands. Narrow: many stand on a page, and it is rewritten when its task moves on.
CREATE TABLE task (
  seq INTEGER PRIMARY KEY,           -- order of import
  id BLOB NOT NULL,                  -- UUIDv7, 16 bytes
  status TEXT NOT NULL,              -- sending is never stored
  reason TEXT,
  version INTEGER NOT NULL,
  source TEXT NOT NULL,
  method TEXT NOT NULL,
  destination INTEGER NOT NULL,      -- destination.number
  event TEXT,
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
  last_attempt INTEGER NOT NULL,     -- attempt.key; 0: there is none
  room INTEGER NOT NULL,             -- fills eight bytes of a waiting row, by which it may grow: pages written full
                                     -- would be split when their tasks move on
  CHECK (
    CASE status
      WHEN 'delivered' THEN finished_at IS NOT NULL AND due IS NULL AND reason IS NULL
      WHEN 'queued' THEN finished_at IS NULL AND due IS NOT NULL AND reason IS NULL
      WHEN 'retrying' THEN finished_at IS NULL AND due IS NOT NULL AND reason IS NULL
      WHEN 'failed' THEN finished_at IS NOT NULL AND due IS NULL AND reason IS NOT NULL
      WHEN 'cancelled' THEN finished_at IS NOT NULL AND due IS NULL AND reason IS NULL
      ELSE 0
    END
  )
) STRICT;
CREATE UNIQUE INDEX task_id ON task (id);
CREATE INDEX task_status ON task (status);
CREATE INDEX task_due ON task (destination, due) WHERE due IS NOT NULL;
CREATE INDEX task_expiry ON task (expires_at) WHERE expires_at IS NOT NULL AND due IS NOT NULL;
CREATE INDEX task_reason ON task (reason) WHERE reason IS NOT NULL;
CREATE INDEX task_failed ON task (destination) WHERE reason IS NOT NULL;
CREATE INDEX task_error ON task (last_error) WHERE last_error IS NOT NULL;
CREATE INDEX task_code ON task (last_code) WHERE last_code NOT BETWEEN 200 AND 299;
CREATE INDEX task_event ON task (event) WHERE event IS NOT NULL;
CREATE INDEX task_parent ON task (parent) WHERE parent IS NOT NULL;
CREATE INDEX task_source ON task (source) WHERE source <> 'local';
CREATE INDEX task_method ON task (method) WHERE method <> 'POST';

-- What was asked. The record stands last, so that a list of tasks does not read it.
CREATE TABLE record (
  seq INTEGER PRIMARY KEY,
  http_method TEXT NOT NULL,
  url TEXT NOT NULL,
  labels TEXT,                       -- a JSON object
  size INTEGER NOT NULL,             -- bytes of the body
  crc INTEGER NOT NULL,              -- CRC-32 of the record
  record BLOB NOT NULL               -- see okydrom/record.py
) STRICT;

-- Tasks that a lane has: all are claims of the epoch in meta, so a row need not repeat it. The data directory's lock
-- lets one process in at a time; its opening counts the epoch and ends every claim of the ones before, both before it
-- gives out or records anything, and a result is only ever recorded by the process that claimed its task.
CREATE TABLE claim (
  seq INTEGER PRIMARY KEY,
  noted INTEGER NOT NULL DEFAULT 0   -- 1: cancelled while in flight
) STRICT;

-- Attempts in order of recording, each leading to its task's one before: a row among those of its task would have to
-- be squeezed into a page that is full.
CREATE TABLE attempt (
  key INTEGER PRIMARY KEY,
  seq INTEGER NOT NULL,
  number INTEGER NOT NULL,           -- counts the task's attempts for ever, from 1
  previous INTEGER NOT NULL,         -- the key of the one before; 0: there is none
  attempt BLOB NOT NULL              -- see okydrom/store/sqlite/attempts.py
) STRICT;

CREATE TABLE label (
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (key, value, seq)
) STRICT, WITHOUT ROWID;

-- Blocks of 8,192 consecutive seqs: when their tasks were created, and which destinations they have. A search skips
-- blocks that hold nothing for it. (An index by destination would write a page of its own for nearly every task.)
CREATE TABLE block (
  number INTEGER PRIMARY KEY,        -- seq / 8192
  first INTEGER NOT NULL,
  last INTEGER NOT NULL
) STRICT;
CREATE TABLE presence (
  block INTEGER NOT NULL,
  destination INTEGER NOT NULL,
  PRIMARY KEY (block, destination)
) STRICT, WITHOUT ROWID;
