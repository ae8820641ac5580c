import CBelayDriver
import Synchronization

/// Turns a Swift driver into the C struct that the host needs.
public enum DriverExport {
  /// The body of a driver's exported symbol: see `Driver`. One driver per shared object.
  /// - Returns: always the same pointer; nil if failures cannot be reported to the host because it is too old.
  public static func export<D: Driver>(
    _ driver: D.Type, _ host: UnsafePointer<belay_host>?
  ) -> UnsafePointer<belay_driver>? {
    // The kit only calls functions that exist in 1.0, so a host of 1.0 is always sufficient.
    let needed = (MemoryLayout<belay_host>.offset(of: \.extension) ?? 0) + MemoryLayout<UnsafeRawPointer>.size
    guard let host, Int(host.pointee.struct_size) >= needed, host.pointee.fail != nil else { return nil }
    return exported.withLock { exported in
      if let table = exported { return table.pointer }
      HostPort.host = host
      DriverPort.open = { (url, options, operation) throws(DriverFailure) in
        try D.open(url, options: &options, operation: operation)
      }
      DriverPort.redirect = { (url, operation) throws(DriverFailure) in try D.redirect(url, operation: operation) }
      DriverPort.connectionType = D.Connection.self
      let table = DriverTable(pointer: permanent(CoreTable.make(id: D.id, version: D.version, schemes: D.schemes)))
      exported = table
      return table.pointer
    }
  }

  private static let exported = Mutex<DriverTable?>(nil)
}

/// The exported struct: written once and never changed or freed, so any thread may read it.
private struct DriverTable: @unchecked Sendable {
  let pointer: UnsafePointer<belay_driver>
}

/// The exported driver, type-erased, because a C function cannot be generic.
enum DriverPort {
  typealias Redirect = (String, Operation) throws(DriverFailure) -> String?
  typealias Open = (String, inout Options, Operation) throws(DriverFailure) -> any DriverConnection

  // Set once, before the host can call any function of this driver, and only read afterwards: no lock is needed.
  nonisolated(unsafe) static var open: Open?
  nonisolated(unsafe) static var redirect: Redirect?
  nonisolated(unsafe) static var connectionType: (any DriverConnection.Type)?
}
