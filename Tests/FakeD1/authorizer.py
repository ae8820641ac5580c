"""What D1 does not let SQL do."""

import sqlite3

TRANSACTION = (
    "To execute a transaction, please use the state.storage.transaction() or state.storage.transactionSync() APIs "
    "instead of the SQL BEGIN TRANSACTION or SAVEPOINT statements."
)
PRAGMAS = {
    "case_sensitive_like", "data_version", "defer_foreign_keys", "foreign_key_check", "foreign_key_list", "foreign_keys",
    "function_list", "ignore_check_constraints", "index_info", "index_list", "index_xinfo", "legacy_alter_table",
    "optimize", "quick_check", "recursive_triggers", "reverse_unordered_selects", "table_info", "table_list",
    "table_xinfo",
}
# It would tell what D1 runs on.
FUNCTIONS = {
    "sqlite_version", "sqlite_source_id", "sqlite_offset", "sqlite_compileoption_get", "sqlite_compileoption_used",
    "load_extension", "readfile", "writefile", "fts3_tokenizer",
}
MODULES = {"fts5", "fts5vocab", "rtree", "rtree_i32"}
REFUSED = {
    sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH, sqlite3.SQLITE_CREATE_TEMP_INDEX, sqlite3.SQLITE_CREATE_TEMP_TABLE,
    sqlite3.SQLITE_CREATE_TEMP_TRIGGER, sqlite3.SQLITE_CREATE_TEMP_VIEW, sqlite3.SQLITE_DROP_TEMP_INDEX,
    sqlite3.SQLITE_DROP_TEMP_TABLE, sqlite3.SQLITE_DROP_TEMP_TRIGGER, sqlite3.SQLITE_DROP_TEMP_VIEW,
}
# First argument: the table's name, except for indexes and triggers, whose table comes second.
TABLE_SECOND = {
    sqlite3.SQLITE_CREATE_INDEX, sqlite3.SQLITE_CREATE_TRIGGER, sqlite3.SQLITE_DROP_INDEX, sqlite3.SQLITE_DROP_TRIGGER,
    sqlite3.SQLITE_ALTER_TABLE,
}
TABLE_FIRST = {
    sqlite3.SQLITE_READ, sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE,
    sqlite3.SQLITE_CREATE_TABLE, sqlite3.SQLITE_DROP_TABLE, sqlite3.SQLITE_CREATE_VIEW, sqlite3.SQLITE_CREATE_VTABLE,
    sqlite3.SQLITE_DROP_VTABLE, sqlite3.SQLITE_DROP_VIEW,
}


class Authorizer:
    def __init__(self):
        # The fake's own statements pass.
        self.watching = False
        self.message = None

    def __call__(self, action, first, second, schema, inside):
        if not self.watching:
            return sqlite3.SQLITE_OK
        if action in (sqlite3.SQLITE_TRANSACTION, sqlite3.SQLITE_SAVEPOINT):
            self.message = TRANSACTION
            return sqlite3.SQLITE_DENY
        if action in REFUSED or self.is_hidden(action, first, second):
            return sqlite3.SQLITE_DENY
        # What `CREATE TABLE temp.t` does first.
        if action == sqlite3.SQLITE_INSERT and schema == "temp":
            return sqlite3.SQLITE_DENY
        if action == sqlite3.SQLITE_PRAGMA and first.lower() not in PRAGMAS:
            return sqlite3.SQLITE_DENY
        if action == sqlite3.SQLITE_FUNCTION and second.lower() in FUNCTIONS:
            return sqlite3.SQLITE_DENY
        if action == sqlite3.SQLITE_CREATE_VTABLE and second.lower() not in MODULES:
            return sqlite3.SQLITE_DENY
        return sqlite3.SQLITE_OK

    def is_hidden(self, action, first, second):
        table = first if action in TABLE_FIRST else second if action in TABLE_SECOND else None
        return table is not None and table.lower().startswith("_cf_")
