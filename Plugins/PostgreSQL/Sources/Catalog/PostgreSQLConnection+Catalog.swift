import BelayDriverKit

extension PostgreSQLConnection {
  func catalog(operation: Operation, into objects: ObjectWriter) throws(DriverFailure) {
    let found: [SchemaObject]
    if let view {
      // Under the locks that it has already: many tables are many locks.
      found = try view.use(operation) { (holder) throws(DriverFailure) in try read(by: holder, operation) }
    } else {
      found = try readAgainWhileOthersDrop(operation)
    }
    for object in found { try objects.write(object) }
  }

  /// The server's functions that give definitions know at once what others have dropped since the query began, and fail.
  /// That says nothing against the database: it is read again. Where the catalog is damaged, it fails for good.
  private func readAgainWhileOthersDrop(_ operation: Operation) throws(DriverFailure) -> [SchemaObject] {
    let deadline = ContinuousClock.now + .seconds(10)
    while true {
      do throws(DriverFailure) {
        return try read(by: link, operation)
      } catch {
        // No object is there by that name or number. belay's own queries name none of the user's.
        guard ["XX000", "42P01", "42704", "42883", "3F000"].contains(error.sqlState), !link.isLost,
          ContinuousClock.now < deadline
        else { throw error }
        try operation.check()
      }
    }
  }

  private func read(by link: Link, _ operation: Operation) throws(DriverFailure) -> [SchemaObject] {
    // Reading the definition of a view or an index locks its table for a moment.
    try namingHolders(onlyExclusive: true, operation) { () throws(DriverFailure) in
      try link.withCanonicalText(operation) { () throws(DriverFailure) in
        try CatalogReader(link, operation).objects()
      }
    }
  }
}
