import BelayDriverKit

extension PostgreSQLConnection: ScriptSplitting {
  func split(_ script: UnsafeRawBufferPointer, operation: Operation) throws(DriverFailure) -> [ScriptStatement] {
    var walk = ScriptWalk(script, try schemaModel(operation))
    lazy var readsAsNow = !Self.setsStrings(script)
    var statements: [ScriptStatement] = []
    while var statement = walk.next() {
      try operation.check()
      if let text = walk.doubtful, readsAsNow, let refusal = try link.syntaxError(in: text, operation: operation) {
        statement.flags.insert(.wrongSyntax)
        // Of what is not closed the server says less than is known here.
        if walk.unparsed != nil { statement.note = refusal }
      }
      statements.append(statement)
    }
    return statements
  }

  /// What the names of a script refer to now.
  func schemaModel(_ operation: Operation) throws(DriverFailure) -> SchemaModel {
    try readingCatalog(operation) { () throws(DriverFailure) in try SchemaModel(reading: link, operation) }
  }

  /// It may change what a backslash in a string means, which is not so when the server is asked.
  private static func setsStrings(_ script: UnsafeRawBufferPointer) -> Bool {
    String(decoding: script, as: UTF8.self).lowercased().contains("standard_conforming_strings")
  }
}
