import Foundation
import Testing

/// A migration tool from PyPI, with a project of three migrations: the first is applied, the second adds a table and a
/// column, and what the third does the variable THIRD says.
enum PythonTool: String, CaseIterable, Sendable {
  case alembic, django

  var command: [String] {
    switch self {
    case .alembic: ["python3", "-m", "alembic", "upgrade", "head"]
    case .django: ["python3", "-m", "django", "migrate", "--settings", "settings"]
    }
  }

  private var first: [String] {
    switch self {
    case .alembic: ["python3", "-m", "alembic", "upgrade", "0001"]
    case .django: ["python3", "-m", "django", "migrate", "--settings", "settings", "shop", "0001"]
    }
  }

  /// What it says of the migrations in its ledger.
  var ledger: String {
    switch self {
    case .alembic: "SELECT version_num FROM alembic_version"
    case .django: "SELECT name FROM django_migrations WHERE app = 'shop' ORDER BY name"
    }
  }

  /// Writes the project, and applies the first migration by the tool alone.
  func begin(in shop: GuardedShop) throws {
    for (name, text) in files { try shop.folder.folder(of: name, text) }
    let run = try Program.run(
      "/usr/bin/env", first, in: shop.folder.folder, environment: environment.merging(["DATABASE_URL": shop.url]) { $1 }
    )
    try #require(run.status == 0, "\(rawValue) (scripts/needs test installs it): \(run)")
  }

  /// The tool's modules are in the project's folder.
  var environment: [String: String] { ["PYTHONPATH": ".", "PYTHONDONTWRITEBYTECODE": "1"] }

  private static let third = """
    def third(run):
        what = os.environ.get("THIRD", "")
        run("INSERT INTO tags VALUES (3)")
        if what == "fail" or what == os.environ.get("BELAY_STAGE"): raise SystemExit("the third fails")
        if what != "lose": return
        # Django switches SQLite's cascades off.
        if os.environ["DATABASE_URL"].startswith("sqlite"): run("DELETE FROM orders WHERE customer = 1")
        run("DELETE FROM customers WHERE id = 1")
    """

  private var files: [String: String] {
    switch self {
    case .alembic:
      [
        "alembic.ini": "[alembic]\nscript_location = alembic\n",
        "alembic/env.py": """
        import os
        from alembic import context
        from sqlalchemy import create_engine, event, pool
        engine = create_engine(
              os.environ["DATABASE_URL"].replace("postgresql:", "postgresql+psycopg2:"), poolclass=pool.NullPool)
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA foreign_keys = ON"))
        with engine.connect() as connection:
            context.configure(connection=connection, transaction_per_migration=True)
            with context.begin_transaction():
                context.run_migrations()
        """,
        "alembic/versions/0001.py": "revision = '0001'\ndown_revision = None\ndef upgrade(): pass\n",
        "alembic/versions/0002.py": """
        from alembic import op
        revision = '0002'
        down_revision = '0001'
        def upgrade():
            op.execute("CREATE TABLE tags (x integer)")
            op.execute("ALTER TABLE orders ADD COLUMN note text")
        """,
        "alembic/versions/0003.py": """
        import os
        from alembic import op
        revision = '0003'
        down_revision = '0002'
        \(Self.third)
        def upgrade(): third(op.execute)
        """,
      ]
    case .django:
      [
        "settings.py": """
        import os
        from urllib.parse import parse_qs, urlsplit
        parts = urlsplit(os.environ["DATABASE_URL"])
        if parts.scheme == "sqlite":
            DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": parts.path[1:]}}
        else:
            DATABASES = {"default": {
                "ENGINE": "django.db.backends.postgresql", "NAME": parts.path[1:], "USER": parts.username,
                "HOST": parse_qs(parts.query)["host"][0]}}
        INSTALLED_APPS = ["shop"]
        """,
        "shop/__init__.py": "", "shop/migrations/__init__.py": "",
        "shop/migrations/0001_first.py": """
        from django.db import migrations
        class Migration(migrations.Migration): operations = []
        """,
        "shop/migrations/0002_tags.py": """
        from django.db import migrations
        class Migration(migrations.Migration):
            dependencies = [("shop", "0001_first")]
            operations = [
                migrations.RunSQL("CREATE TABLE tags (x integer)"),
                migrations.RunSQL("ALTER TABLE orders ADD COLUMN note text")]
        """,
        "shop/migrations/0003_third.py": """
        import os
        from django.db import migrations
        \(Self.third)
        class Migration(migrations.Migration):
            dependencies = [("shop", "0002_tags")]
            operations = [migrations.RunPython(lambda apps, editor: third(editor.execute))]
        """,
      ]
    }
  }
}
