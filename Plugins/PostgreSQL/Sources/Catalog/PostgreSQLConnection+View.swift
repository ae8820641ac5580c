import BelayDriverKit

extension PostgreSQLConnection: TokenSharing {
  func acquireToken(operation: Operation) throws(DriverFailure) -> String {
    try refuseTransaction("a token")
    try shapeForExecuting(operation)
    // Compiling the queries takes most of the catalog's time: that nobody need wait for.
    let opened = try SharedView.open(self, operation) { (holder) throws(DriverFailure) in
      try holder.withCanonicalText(operation) { () throws(DriverFailure) in
        try CatalogReader(holder, again: true, operation).plan()
      }
    }
    (view, ownsView) = (opened, true)
    do throws(DriverFailure) {
      try beginView(opened.token, operation)
    } catch {
      try endView()
      throw error
    }
    return opened.token
  }
}
