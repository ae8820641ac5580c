import BelayDriverKit

extension PostgreSQLConnection: Linting {
  func lint(_ script: UnsafeRawBufferPointer, operation: Operation) throws(DriverFailure) -> [LintFinding] {
    var linter = Linter(script)
    var walk = ScriptWalk(script, try SchemaModel(reading: link, operation))
    while walk.next({ tree, line, before in linter.read(tree, line: line, before) }) != nil { try operation.check() }
    return linter.findings
  }
}
