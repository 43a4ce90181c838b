-- Figures of each minute, for what has been going on; kept two days. What is in them is not needed to deliver anything.
CREATE TABLE minute (
  number INTEGER PRIMARY KEY,        -- minutes since the epoch
  accepted INTEGER NOT NULL,
  delivered INTEGER NOT NULL,
  first INTEGER NOT NULL,            -- of these, by their first attempt
  failed INTEGER NOT NULL,
  cancelled INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  not_2xx INTEGER NOT NULL,
  times BLOB NOT NULL,               -- of the attempts: see okydrom/store/minute.py
  waiting INTEGER,                   -- tasks, when last looked at; NULL: it had not changed
  free INTEGER                       -- bytes of the disk
) STRICT;

-- What went wrong, by destination and the last outcome of its tasks: counts of those that wait for another attempt, and of
-- those that failed since `first_at`. A row goes when it counts none, or when nothing waits and nothing has failed for a day.
CREATE TABLE trouble (
  destination INTEGER NOT NULL,      -- destination.number
  outcome TEXT NOT NULL,             -- a code or a class of failure; empty: they had no attempt
  retrying INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  first_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  sample INTEGER NOT NULL,           -- the seq of the last one
  PRIMARY KEY (destination, outcome)
) STRICT, WITHOUT ROWID;
CREATE INDEX trouble_over ON trouble (last_at) WHERE retrying = 0;
CREATE INDEX trouble_empty ON trouble (failed) WHERE retrying = 0 AND failed = 0;
INSERT INTO trouble
SELECT destination, coalesce(last_error, CAST(last_code AS TEXT), ''), sum(status = 'retrying'), sum(status = 'failed'),
  min(coalesce(finished_at, updated_at)), max(coalesce(finished_at, updated_at)), max(seq)
FROM task WHERE status IN ('retrying', 'failed') GROUP BY 1, 2;
