"""The store: the table of tasks and attempts.

What a store promises (`contract`), the filter language (`query`), the SQLite store (`sqlite`) and its upkeep. After
import the store is the record of every task; nothing outside this room knows SQL.
"""
