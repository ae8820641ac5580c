import BelayDriverKit

extension PostgreSQLConnection {
  func catalog(operation: Operation, into objects: ObjectWriter) throws(DriverFailure) {
    let link = self.link
    let found = try link.withCanonicalText(operation) { () throws(DriverFailure) in
      try CatalogReader(link, operation).objects()
    }
    for object in found { try objects.write(object) }
  }
}
