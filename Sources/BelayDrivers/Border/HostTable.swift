import BelayABI
import BelayRows
import CBelayDriver

/// The callbacks that every driver receives: one table, never freed, because drivers are never unloaded.
package enum HostTable {
  // Written once, here, and only read afterwards.
  package nonisolated(unsafe) static let shared: UnsafePointer<belay_host> = {
    let table = UnsafeMutablePointer<belay_host>.allocate(capacity: 1)
    table.initialize(
      to: belay_host(
        struct_size: UInt32(MemoryLayout<belay_host>.size), abi_minor: UInt32(BELAY_ABI_MINOR),
        fail: { error, code, outcome, sqlState, vendorCode, sqlOffset, message, hint in
          guard let error else { return code }
          ErrorSlot.from(error).fill(
            code: code, outcome: outcome, sqlState: sqlState, vendorCode: vendorCode, sqlOffset: sqlOffset,
            message: message, hint: hint)
          return code
        },
        log: { operation, level, message in
          Operation.from(operation)?
            .log(LogLevel(rawValue: level) ?? (level < 0 ? .debug : .error), message.shownText)
        },
        progress: { operation, done, total, what in
          Operation.from(operation)?.progress(done, total, what.shownText)
        },
        cancelled: { operation in (Operation.from(operation)?.askedToStop() ?? false) ? 1 : 0 },
        remaining_ms: { operation in Operation.from(operation)?.remainingMilliseconds ?? -1 },
        extension: { _ in nil }))
    return UnsafePointer(table)
  }()
}
