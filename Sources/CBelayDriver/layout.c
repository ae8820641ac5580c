/*
 * The layout of ABI version 1, frozen: a driver that was built years ago still looks for each field where it was then.
 *
 * A line here is never changed. A field added at the end of a struct that starts with struct_size gets a line of its
 * own, and a larger SIZE of its struct, which is the size of the newest minor version; array elements never grow. Drafts
 * (belay.draft.*) are not frozen.
 */
#include "belay_driver.h"

#define VALUE(name, value) _Static_assert((name) == (value), #name " is frozen")
#define SIZE(type, bytes) _Static_assert(sizeof(type) == (bytes), "the size of " #type)
#define FIELD(type, field, offset) _Static_assert(offsetof(type, field) == (offset), #type "." #field " is frozen")

_Static_assert(sizeof(void *) == 8, "belay is for 64-bit systems");

VALUE(BELAY_ABI_MAJOR, 1);

VALUE(BELAY_OK, 0);
VALUE(BELAY_E_UNSUPPORTED, 1);
VALUE(BELAY_E_INVALID, 2);
VALUE(BELAY_E_AUTH, 3);
VALUE(BELAY_E_DENIED, 4);
VALUE(BELAY_E_NOT_FOUND, 5);
VALUE(BELAY_E_IO, 6);
VALUE(BELAY_E_TIMEOUT, 7);
VALUE(BELAY_E_CANCELLED, 8);
VALUE(BELAY_E_BUSY, 9);
VALUE(BELAY_E_CONSTRAINT, 10);
VALUE(BELAY_E_SQL, 11);
VALUE(BELAY_E_CORRUPT, 12);
VALUE(BELAY_E_INTERNAL, 13);

VALUE(BELAY_NOT_APPLIED, 1);
VALUE(BELAY_APPLIED, 2);
VALUE(BELAY_PARTIAL, 3);
VALUE(BELAY_OUTCOME_UNKNOWN, 4);

VALUE(BELAY_NULL, 0);
VALUE(BELAY_BOOL, 1);
VALUE(BELAY_I64, 2);
VALUE(BELAY_F64, 3);
VALUE(BELAY_TEXT, 4);
VALUE(BELAY_BLOB, 5);
VALUE(BELAY_NATIVE, 6);

VALUE(BELAY_T_TXN, 1);
VALUE(BELAY_T_TXN_DDL, 2);
VALUE(BELAY_T_STABLE_READ, 4);
VALUE(BELAY_T_READ_ONLY, 8);
VALUE(BELAY_T_EXCLUSIVE, 16);
VALUE(BELAY_T_SWAPS, 32);
VALUE(BELAY_T_NO_PROMOTE, 64);
VALUE(BELAY_T_ALTERS_COLUMNS, 128);

VALUE(BELAY_OPT_SECRET, 1);

VALUE(BELAY_LOG_DEBUG, 0);
VALUE(BELAY_LOG_INFO, 1);
VALUE(BELAY_LOG_NOTICE, 2);
VALUE(BELAY_LOG_WARNING, 3);
VALUE(BELAY_LOG_ERROR, 4);

VALUE(BELAY_O_GENERATED, 1);
VALUE(BELAY_O_IMPLICIT, 2);
VALUE(BELAY_O_NOT_NULL, 4);
VALUE(BELAY_O_PRIMARY_KEY, 8);
VALUE(BELAY_O_NO_ROWS, 16);
VALUE(BELAY_O_SHADOW, 32);
VALUE(BELAY_O_INTERNAL, 64);
VALUE(BELAY_O_OUTSIDE_DUMP, 128);
VALUE(BELAY_O_COMPUTED, 256);
VALUE(BELAY_O_TOLD_TWICE, 512);
VALUE(BELAY_O_COUNTER, 1024);
VALUE(BELAY_O_COUNTER_STEP, 2048);
VALUE(BELAY_O_DEFAULT, 4096);
VALUE(BELAY_O_CHECKED, 8192);

VALUE(BELAY_W_INSERT, 1);
VALUE(BELAY_W_UPDATE, 2);
VALUE(BELAY_W_DELETE, 4);
VALUE(BELAY_W_CREATE, 8);
VALUE(BELAY_W_DROP, 16);
VALUE(BELAY_W_ALTER, 32);

VALUE(BELAY_S_OPENS_TXN, 1);
VALUE(BELAY_S_ENDS_TXN, 2);
VALUE(BELAY_S_NO_TXN, 4);
VALUE(BELAY_S_BEFORE_TXN, 8);
VALUE(BELAY_S_CLIENT, 16);
VALUE(BELAY_S_UNREAD, 32);
VALUE(BELAY_S_SYNTAX, 64);
VALUE(BELAY_S_COLUMNS, 128);

VALUE(BELAY_CHECK_QUICK, 0);
VALUE(BELAY_CHECK_FULL, 1);

VALUE(BELAY_NEED_DUMP, 1);
VALUE(BELAY_NEED_SCRATCH, 2);
VALUE(BELAY_NEED_WRITE, 4);

SIZE(belay_str, 16);
FIELD(belay_str, ptr, 0);
FIELD(belay_str, len, 8);

SIZE(belay_cell, 24);
FIELD(belay_cell, type, 0);
FIELD(belay_cell, reserved, 4);
FIELD(belay_cell, v, 8);
FIELD(belay_cell, len, 16);

SIZE(belay_batch, 24);
FIELD(belay_batch, cells, 0);
FIELD(belay_batch, nrows, 8);
FIELD(belay_batch, ncols, 16);
FIELD(belay_batch, reserved, 20);

SIZE(belay_column, 48);
FIELD(belay_column, name, 0);
FIELD(belay_column, native_type, 16);
FIELD(belay_column, flags, 32);
FIELD(belay_column, reserved, 36);

SIZE(belay_option, 40);
FIELD(belay_option, key, 0);
FIELD(belay_option, value, 16);
FIELD(belay_option, flags, 32);
FIELD(belay_option, reserved, 36);

SIZE(belay_sink, 16);
FIELD(belay_sink, ctx, 0);
FIELD(belay_sink, write, 8);

SIZE(belay_source, 16);
FIELD(belay_source, ctx, 0);
FIELD(belay_source, read, 8);

SIZE(belay_rowsink, 24);
FIELD(belay_rowsink, ctx, 0);
FIELD(belay_rowsink, columns, 8);
FIELD(belay_rowsink, rows, 16);

SIZE(belay_object, 160);
FIELD(belay_object, struct_size, 0);
FIELD(belay_object, flags, 4);
FIELD(belay_object, kind, 8);
FIELD(belay_object, schema, 24);
FIELD(belay_object, name, 40);
FIELD(belay_object, parent, 56);
FIELD(belay_object, native_type, 72);
FIELD(belay_object, definition, 88);
FIELD(belay_object, ddl, 104);
FIELD(belay_object, row_estimate, 120);
FIELD(belay_object, drop, 128);
FIELD(belay_object, id, 144);

SIZE(belay_objectsink, 16);
FIELD(belay_objectsink, ctx, 0);
FIELD(belay_objectsink, object, 8);

SIZE(belay_traits, 256);
FIELD(belay_traits, struct_size, 0);
FIELD(belay_traits, flags, 4);
FIELD(belay_traits, server_name, 8);
FIELD(belay_traits, server_version, 24);
FIELD(belay_traits, ident_quote, 40);
FIELD(belay_traits, param_style, 56);
FIELD(belay_traits, identity, 72);
FIELD(belay_traits, txn_begin, 88);
FIELD(belay_traits, txn_commit, 104);
FIELD(belay_traits, txn_rollback, 120);
FIELD(belay_traits, load_begin, 136);
FIELD(belay_traits, load_end, 152);
FIELD(belay_traits, max_sql_bytes, 168);
FIELD(belay_traits, max_params, 176);
FIELD(belay_traits, max_rows_per_execute, 184);
FIELD(belay_traits, database_bytes, 192);
FIELD(belay_traits, free_bytes, 200);
FIELD(belay_traits, restore_steps, 208);
FIELD(belay_traits, convention, 224);
FIELD(belay_traits, hex_text, 240);

SIZE(belay_host, 56);
FIELD(belay_host, struct_size, 0);
FIELD(belay_host, abi_minor, 4);
FIELD(belay_host, fail, 8);
FIELD(belay_host, log, 16);
FIELD(belay_host, progress, 24);
FIELD(belay_host, cancelled, 32);
FIELD(belay_host, remaining_ms, 40);
FIELD(belay_host, extension, 48);

SIZE(belay_driver, 104);
FIELD(belay_driver, struct_size, 0);
FIELD(belay_driver, abi_minor, 4);
FIELD(belay_driver, id, 8);
FIELD(belay_driver, version, 16);
FIELD(belay_driver, url_schemes, 24);
FIELD(belay_driver, open, 32);
FIELD(belay_driver, close, 40);
FIELD(belay_driver, describe, 48);
FIELD(belay_driver, execute, 56);
FIELD(belay_driver, query, 64);
FIELD(belay_driver, catalog, 72);
FIELD(belay_driver, interrupt, 80);
FIELD(belay_driver, extension, 88);
FIELD(belay_driver, redirect, 96);

SIZE(belay_write, 72);
FIELD(belay_write, kind, 0);
FIELD(belay_write, schema, 16);
FIELD(belay_write, name, 32);
FIELD(belay_write, parent, 48);
FIELD(belay_write, actions, 64);
FIELD(belay_write, reserved, 68);

SIZE(belay_statement, 56);
FIELD(belay_statement, struct_size, 0);
FIELD(belay_statement, flags, 4);
FIELD(belay_statement, offset, 8);
FIELD(belay_statement, len, 16);
FIELD(belay_statement, line, 24);
FIELD(belay_statement, nwrites, 28);
FIELD(belay_statement, writes, 32);
FIELD(belay_statement, note, 40);

SIZE(belay_statementsink, 16);
FIELD(belay_statementsink, ctx, 0);
FIELD(belay_statementsink, statement, 8);

SIZE(belay_script, 24);
FIELD(belay_script, struct_size, 0);
FIELD(belay_script, reserved, 4);
FIELD(belay_script, probe, 8);
FIELD(belay_script, split, 16);

SIZE(belay_snapshot, 56);
FIELD(belay_snapshot, struct_size, 0);
FIELD(belay_snapshot, reserved, 4);
FIELD(belay_snapshot, probe, 8);
FIELD(belay_snapshot, formats, 16);
FIELD(belay_snapshot, dump, 24);
FIELD(belay_snapshot, verify, 32);
FIELD(belay_snapshot, restore, 40);
FIELD(belay_snapshot, text, 48);

SIZE(belay_table, 48);
FIELD(belay_table, struct_size, 0);
FIELD(belay_table, ncolumns, 4);
FIELD(belay_table, schema, 8);
FIELD(belay_table, name, 24);
FIELD(belay_table, columns, 40);

SIZE(belay_rows, 32);
FIELD(belay_rows, struct_size, 0);
FIELD(belay_rows, reserved, 4);
FIELD(belay_rows, probe, 8);
FIELD(belay_rows, read, 16);
FIELD(belay_rows, load, 24);

SIZE(belay_token, 40);
FIELD(belay_token, struct_size, 0);
FIELD(belay_token, reserved, 4);
FIELD(belay_token, probe, 8);
FIELD(belay_token, acquire, 16);
FIELD(belay_token, adopt, 24);
FIELD(belay_token, release, 32);

SIZE(belay_scratch, 48);
FIELD(belay_scratch, struct_size, 0);
FIELD(belay_scratch, reserved, 4);
FIELD(belay_scratch, probe, 8);
FIELD(belay_scratch, create, 16);
FIELD(belay_scratch, promote, 24);
FIELD(belay_scratch, drop, 32);
FIELD(belay_scratch, locate, 40);

SIZE(belay_rewind, 40);
FIELD(belay_rewind, struct_size, 0);
FIELD(belay_rewind, reserved, 4);
FIELD(belay_rewind, probe, 8);
FIELD(belay_rewind, mark, 16);
FIELD(belay_rewind, at, 24);
FIELD(belay_rewind, rewind, 32);

SIZE(belay_atomic, 24);
FIELD(belay_atomic, struct_size, 0);
FIELD(belay_atomic, reserved, 4);
FIELD(belay_atomic, probe, 8);
FIELD(belay_atomic, run, 16);

SIZE(belay_lock, 32);
FIELD(belay_lock, struct_size, 0);
FIELD(belay_lock, reserved, 4);
FIELD(belay_lock, probe, 8);
FIELD(belay_lock, acquire, 16);
FIELD(belay_lock, release, 24);

SIZE(belay_sessions, 32);
FIELD(belay_sessions, struct_size, 0);
FIELD(belay_sessions, reserved, 4);
FIELD(belay_sessions, probe, 8);
FIELD(belay_sessions, list, 16);
FIELD(belay_sessions, terminate, 24);

SIZE(belay_explain, 24);
FIELD(belay_explain, struct_size, 0);
FIELD(belay_explain, reserved, 4);
FIELD(belay_explain, probe, 8);
FIELD(belay_explain, explain, 16);

SIZE(belay_lint, 24);
FIELD(belay_lint, struct_size, 0);
FIELD(belay_lint, reserved, 4);
FIELD(belay_lint, probe, 8);
FIELD(belay_lint, lint, 16);

SIZE(belay_integrity, 24);
FIELD(belay_integrity, struct_size, 0);
FIELD(belay_integrity, reserved, 4);
FIELD(belay_integrity, probe, 8);
FIELD(belay_integrity, check, 16);

SIZE(belay_preflight, 24);
FIELD(belay_preflight, struct_size, 0);
FIELD(belay_preflight, reserved, 4);
FIELD(belay_preflight, probe, 8);
FIELD(belay_preflight, check, 16);
