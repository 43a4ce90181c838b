"""The SQLite store: one ordered writer, read-only readers, one file.

    connection  a connection and its thread          batches   many rows by few statements
    schema      the file and its migrations          rows      row ↔ Task
    writer      jobs → transactions                  attempts  attempt ↔ bytes
    transaction what a job works with                tally     kept counts
    entries claims results commands sweeping         what the writer's jobs do
    readers     connections that only look           plan walk find   from a filter to a page
    destinations steering                            verify   a full check
    store       all of it, as the contract wants it

Every statement hands the interpreter's lock over and back, and so does every row that is read: under load that may
take milliseconds each. So rows are written by the hundred with one statement, and a batch is read as one row (JSON,
or bytes put together).
"""
