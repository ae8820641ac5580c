import BelayDriverKit

extension PostgreSQLConnection {
  func probe(_ feature: DriverExtension, operation: Operation) throws(DriverFailure) {
    switch feature {
    case .snapshot: try probeSnapshot(operation)
    case .scratch: try probeScratch(operation)
    case .footprint: try probeFootprint(operation)
    default: break
    }
  }
}
