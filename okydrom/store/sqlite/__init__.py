"""The SQLite store: one ordered writer, read-only readers, one file.

    store         all of it, as the contract wants it
    connection    a connection and its thread, what SQLite's errors mean
    schema space  the file: made, recognised, migrated; kept small
    writer        jobs → transactions                    readers     looks with a deadline
    transaction   what a job works with                  reading     one task
    tally         kept counts                            conditions starts blocks search
    entries importing                                                a filter → lists in order of import
    claims results commands endings sweeping             pages counting
    destinations  numbers and rows of them               verify backup
    batches rows attempts                                rows and bytes ↔ tasks and attempts

Two things cost more than they seem to. Every statement hands the interpreter's lock over and back, and so does every
row that is read: under load that may take milliseconds each, so rows are written by the hundred with one statement,
and a batch is read as one row (JSON, or bytes put together). And every page that a transaction touches is written
twice, to the WAL and to the database: so what is written often is narrow or in order of import, claims and attempts
stand apart, and there is no index that scatters new tasks over all its pages.
"""
