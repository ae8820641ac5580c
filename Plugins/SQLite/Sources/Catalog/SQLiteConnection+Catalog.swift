import BelayDriverKit
import SQLiteDialect

extension SQLiteConnection {
  package func catalog(operation: Operation, into objects: ObjectWriter) throws(DriverFailure) {
    try during(operation) { () throws(DriverFailure) in
      let database = readable
      let form = CatalogReader.Form(hasStorage: true, hasStatistics: true)
      try CatalogReader(database, settings: try SettingObjects.read(database), form: form).write(into: objects)
    }
  }
}
