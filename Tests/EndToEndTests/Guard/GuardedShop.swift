import Foundation
import Testing

/// The shop in one of the engines, for commands that run under guard.
struct GuardedShop {
  let folder: BelayFolder
  /// As tools know it.
  let url: String
  /// Schema and rows as text.
  let dump: () throws -> String
  private let run: (String) throws -> String

  /// - Parameter more: SQL behind the shop's own.
  init(_ engine: AdoptedEngine, more: String = "") throws {
    switch engine {
    case .sqlite:
      let shop = try Workspace(schema: "PRAGMA foreign_keys = ON;" + Workspace.shop + more)
      folder = shop
      url = "sqlite:///\(shop.database.path)"
      dump = { try shop.dump() }
      run = { try shop.sqlite($0) }
    case .postgresql:
      let shop = try PostgreSQLWorkspace(schema: PostgreSQLWorkspace.shop + more)
      folder = shop
      // SQLAlchemy knows no other scheme, and decodes nothing.
      url = shop.url.replacing("postgres://", with: "postgresql://").replacing("%5F", with: "_")
      dump = { try shop.dump() }
      run = { try shop.psql($0) }
    }
    try folder.write(Self.client, to: "sql.sh")
  }

  /// Runs SQL in the database that `DATABASE_URL` names, whatever engine that is.
  private static let client = """
    case $DATABASE_URL in
    sqlite:*) exec sqlite3 -bail -cmd 'PRAGMA foreign_keys = ON' "/${DATABASE_URL#sqlite:///}" "$1" ;;
    *) exec psql -qXv ON_ERROR_STOP=1 "$DATABASE_URL" -c "$1" ;;
    esac
    """

  /// A process that has ended, and that nobody has waited for, is not running.
  static func isRunning(_ pid: pid_t) -> Bool {
    let status = (try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)) ?? ""
    return status.contains(") ") && !status.contains(") Z ")
  }

  func query(_ sql: String) throws -> String { try run(sql).trimmingCharacters(in: .whitespacesAndNewlines) }

  /// A shell script under guard. `sql '…'` in it works on the database that it is given.
  func guardScript(_ script: String, _ options: String...) throws -> Program.Outcome {
    try guarded(["sh", "-c", Self.script(script)], options)
  }

  static func script(_ text: String) -> String { "set -e; sql() { sh ./sql.sh \"$1\"; }; \(text)" }

  func guarded(
    _ command: [String], _ options: [String] = [], environment: [String: String] = [:]
  ) throws -> Program.Outcome {
    try folder.belay(["guard", url, "--yes"] + options + ["--"] + command, environment: environment)
  }
}

extension Program.Outcome {
  /// Also with a warning, as of another test that makes a database on the same server meanwhile.
  var isDone: Bool { status == 0 || status == 3 }
}
