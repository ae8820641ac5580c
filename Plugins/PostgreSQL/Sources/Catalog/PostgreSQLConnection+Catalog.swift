import BelayDriverKit

extension PostgreSQLConnection {
  func catalog(operation: Operation, into objects: ObjectWriter) throws(DriverFailure) {
    let link = self.link
    // Reading the definition of a view or an index locks its table for a moment.
    let found = try namingHolders(onlyExclusive: true, operation) { () throws(DriverFailure) in
      try link.withCanonicalText(operation) { () throws(DriverFailure) in
        try CatalogReader(link, operation).objects()
      }
    }
    for object in found { try objects.write(object) }
  }
}
