import BelayDriverKit

extension PostgreSQLConnection {
  func catalog(operation: Operation, into objects: ObjectWriter) throws(DriverFailure) {}
}
