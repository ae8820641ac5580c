import BelayDriverKit

extension PostgreSQLConnection {
  func catalog(operation: Operation, into objects: ObjectWriter) throws(DriverFailure) {
    let found: [SchemaObject]
    if let view {
      // Under the locks that it has already: many tables are many locks.
      found = try view.use(operation) { (holder) throws(DriverFailure) in try read(by: holder, again: true, operation) }
    } else {
      // A change reads it before its first statement, and after the last one, when others wait for it.
      let again = link.isInTransaction
      found = try againWhileOthersDrop(operation) { () throws(DriverFailure) in
        try read(by: link, again: again, operation)
      }
    }
    for object in found { try objects.write(object) }
  }

  private func read(by link: Link, again: Bool, _ operation: Operation) throws(DriverFailure) -> [SchemaObject] {
    // Reading the definition of a view or an index locks its table for a moment.
    try namingHolders(onlyExclusive: true, operation) { () throws(DriverFailure) in
      try link.withCanonicalText(operation) { () throws(DriverFailure) in
        try CatalogReader(link, again: again, operation).objects()
      }
    }
  }
}
