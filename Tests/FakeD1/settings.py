"""What a test can change, with the value that holds if it does not. Where the facts leave two readings, both are here."""

DEFAULTS = {
    # Limits.
    "statement_bytes": 100_000,
    "parameters": 100,
    "value_bytes": 2_000_000,
    "columns": 100,
    "function_arguments": 32,
    "like_pattern_bytes": 50,
    # workerd's own, stricter than SQLite's; not in the published list of limits.
    "compound_selects": 5,
    "expression_depth": 100,
    "query_seconds": 30.0,
    "import_bytes": 5_000_000_000,
    "database_bytes": 10_000_000_000,
    "databases": 50_000,
    # What a database's card says of its size; 0: the truth.
    "told_file_bytes": 0,
    "rate_calls": 1200,
    "rate_seconds": 300,
    # 971 or 10429.
    "rate_code": 971,
    "travel_days": 30,
    "restores": 10,
    "restore_seconds": 600,
    # 401 or 403.
    "auth_status": 401,
    # What an error has as result: None or [].
    "error_result": None,
    # /query and /raw.
    # "known": cuts those whose body has CASE … END;, a carriage return, or begin in lower case. Or "never", "always".
    "query_cuts_triggers": "known",
    # Keeps what was done before the statement that failed.
    "query_applies_parts": False,
    # Export and import.
    # How many answers say "active" before the last one.
    "export_polls": 1,
    "import_polls": 1,
    "unpolled_seconds": 15,
    # "nested": result.result holds what a finished task gives. "flat": result does.
    "complete_nesting": "nested",
    # How a task says that it failed: "status", "success", "errors" or "envelope" (answers.py).
    "failure_shape": "status",
    "signed_url_seconds": 3600,
    "upload_url_seconds": 3600,
    "virtual_export_blocks_seconds": 3600,
    "blocks_time_travel": True,
    # Statements per transaction of an import; 0: the file is one transaction.
    "import_statements_per_transaction": 1,
    "import_forgets_success": False,
    # A foreign key failure says only {"D1_RESET_DO":true}: as "text" or as an "object".
    "import_reset_do": "",
    "import_wants_final_semicolon": False,
    # Time Travel.
    # Each look at the bookmark of the present gives another one, though nothing was written.
    "bookmark_drifts": False,
    # The bookmark in the answer to a restore: the "target", or the "new" one that the restore made.
    "restore_answers": "target",
}


class Settings(dict):
    def __init__(self, changes=None):
        super().__init__(DEFAULTS)
        self.change(changes or {})

    def change(self, changes):
        for name, value in changes.items():
            if name not in DEFAULTS:
                raise ValueError(f"there is no setting {name}")
            self[name] = value

    def __getattr__(self, name):
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name)
