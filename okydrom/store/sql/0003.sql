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
