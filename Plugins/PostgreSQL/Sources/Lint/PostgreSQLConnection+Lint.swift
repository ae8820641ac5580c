import BelayDriverKit

extension PostgreSQLConnection: Linting {
  func lint(_ script: UnsafeRawBufferPointer, operation: Operation) throws(DriverFailure) -> [LintFinding] {
    var linter = Linter(script)
    var walk = ScriptWalk(script, try schemaModel(operation))
    while true {
      let statement = walk.next { tree, line, before in linter.read(tree, line: line, before) }
      guard let statement else { break }
      if let unparsed = walk.unparsed { linter.read(unparsed, line: statement.line) }
      try operation.check()
    }
    return linter.findings
  }
}
