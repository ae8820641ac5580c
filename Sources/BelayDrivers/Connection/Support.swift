import BelayABI
import CBelayDriver

/// Whether a connection can use one of the optional extensions.
package enum Support: Sendable, Equatable {
  case available
  /// The driver does not have it.
  case absent
  /// The driver has it, but not for this server, file or user, for this reason.
  case refused(DriverError)
}

extension Connection {
  /// Whether the extension can be used here. The driver is asked once, when it is first needed; the answer is kept.
  package func support(for id: DriverExtension, operation: Operation = Operation()) throws(DriverError) -> Support {
    if let known = support[id] { return known }
    guard let probe = driver.head(of: id)?.probe else {
      support[id] = .absent
      return .absent
    }
    do {
      try perform(Call("\(id.rawValue).probe"), operation) { probe($0, $1, $2) }
    } catch  where error.code == .unsupported || error.code == .denied {
      support[id] = .refused(error)
      return .refused(error)
    }
    // Other failures say nothing about the extension: they are thrown, and the next call probes again.
    support[id] = .available
    return .available
  }

  /// The extension's functions; nil if the host has to work without it.
  func table<T: ExtensionTable>(_ type: T.Type, _ operation: Operation) throws(DriverError) -> T? {
    guard try support(for: T.id, operation: operation) == .available else { return nil }
    return driver.table(type)
  }

  /// The extension's functions, for calls that need it.
  func required<T: ExtensionTable>(_ type: T.Type, _ operation: Operation) throws(DriverError) -> T {
    switch try support(for: T.id, operation: operation) {
    case .available: if let table = driver.table(type) { return table }
    case .refused(let reason): throw reason
    case .absent: break
    }
    throw DriverError(.unsupported, message: "driver \(driver.id) does not have \(T.id.rawValue)")
  }
}
