import BelayDriverKit
import SQLiteDialect

extension D1Connection {
  /// D1 does not allow writes to the tables in which a virtual table stores its content, so its own rows are backed up.
  static let catalogForm = CatalogReader.Form(
    hasStorage: false, hasStatistics: false, isHidden: { RemoteSchema.isHidden($0) })

  func catalog(operation: Operation, into objects: ObjectWriter) throws(DriverFailure) {
    try during(operation) { () throws(DriverFailure) in
      let database = if let view { view.database } else { try schema() }
      try CatalogReader(database, settings: [], form: Self.catalogForm).write(into: objects)
    }
  }
}
