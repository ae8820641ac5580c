import BelayABI
import BelayRows
import CBelayDriver

/// The host's callbacks, as passed to the driver's exported symbol.
enum HostPort {
  /// Set once, before the host can call any function of this driver, and only read afterwards: no lock is needed.
  nonisolated(unsafe) static var host: UnsafePointer<belay_host>?

  /// Reports to the host why the current call fails. Returns the code that the call must return.
  static func fail(_ error: OpaquePointer?, _ failure: DriverFailure) -> Int32 {
    if let code = failure.handedOn { return code }
    guard let error, let fail = host?.pointee.fail else { return failure.code.rawValue }
    return [failure.sqlState, failure.message, failure.hint].withBorrowed { strings in
      fail(
        error, failure.code.rawValue, failure.outcome.rawValue, strings[0], failure.vendorCode,
        Int64(failure.sqlOffset ?? -1), strings[1], strings[2])
    }
  }
}

/// Runs the body of one ABI call; an error is reported to the host and becomes the call's code.
func answering(_ handle: OpaquePointer?, _ body: () throws(DriverFailure) -> Void) -> Int32 {
  do throws(DriverFailure) {
    try body()
    return Int32(BELAY_OK)
  } catch {
    return HostPort.fail(handle, error)
  }
}

/// Memory for a table of functions: the host keeps the pointer for ever.
func permanent<Table>(_ table: Table) -> UnsafePointer<Table> {
  let memory = UnsafeMutablePointer<Table>.allocate(capacity: 1)
  memory.initialize(to: table)
  return UnsafePointer(memory)
}

/// `struct_size` of a struct that this side fills.
func structSize<T>(_ type: T.Type) -> UInt32 {
  UInt32(MemoryLayout<T>.size)
}
