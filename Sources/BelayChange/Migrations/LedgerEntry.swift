/// How the ledger of an adopted tool knows a migration: what is written there when it has run.
package struct LedgerEntry: Sendable, Equatable {
  package enum Way: Sendable { case up, down }

  package var way: Way
  /// As the ledger has it; empty: none, as of Flyway's repeatable migrations.
  package var version: String
  package var description = ""
  /// The file's path in the folder.
  package var script = ""
  /// As the ledger has it: a number, or hex digits; empty: the ledger has none.
  package var checksum = ""
  /// What else the ledger has of it, by names of the tool's own.
  var details: [String: String] = [:]
  /// The version before it in the folder; nil: it is the first.
  package var previous: String?
  /// How many there are in the file; 0: not counted.
  package var statements = 0
  /// It is only marked as applied.
  package var hasRunBefore = false

  package init(
    _ way: Way, version: String, description: String = "", script: String = "", checksum: String = "",
    previous: String? = nil
  ) {
    self.way = way
    self.version = version
    self.description = description
    self.script = script
    self.checksum = checksum
    self.previous = previous
  }
}
