import CBelayDriver
import Synchronization

/// Makes a Swift driver into the C struct that the host asks for.
public enum DriverExport {
  /// The body of a driver's one exported symbol: see `Driver`. One driver per shared object.
  /// - Returns: the same pointer each time; nil where the host is too old to report failures to.
  public static func export<D: Driver>(
    _ driver: D.Type, _ host: UnsafePointer<belay_host>?
  ) -> UnsafePointer<belay_driver>? {
    // What the kit calls was all there in 1.0: a host of 1.0 is good enough for ever.
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

/// The exported struct: written once, and never changed or freed afterwards, so any thread may read it.
private struct DriverTable: @unchecked Sendable {
  let pointer: UnsafePointer<belay_driver>
}

/// The exported driver, its type erased: a C function cannot be generic.
enum DriverPort {
  typealias Redirect = (String, Operation) throws(DriverFailure) -> String?
  typealias Open = (String, inout Options, Operation) throws(DriverFailure) -> any DriverConnection

  // Set once, before the host has any function of this driver to call, and only read from then on: hence no lock.
  nonisolated(unsafe) static var open: Open?
  nonisolated(unsafe) static var redirect: Redirect?
  nonisolated(unsafe) static var connectionType: (any DriverConnection.Type)?
}
