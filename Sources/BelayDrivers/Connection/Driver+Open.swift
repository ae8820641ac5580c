import BelayRows
import BelayText
import CBelayDriver

extension Driver {
  /// Opens one database, and waits for locks of others for as long as the operation has patience. url: with its scheme.
  package func open(
    _ url: String, options: [DriverOption] = [], operation: Operation
  ) throws(DriverError) -> Connection {
    guard let patience = operation.lockPatience else { return try openOnce(url, options, operation) }
    return try patience.call(cancellation: operation.cancellation, inTransaction: false) { () throws(DriverError) in
      try openOnce(url, options, operation)
    }
  }

  private func openOnce(
    _ url: String, _ options: [DriverOption], _ operation: Operation
  ) throws(DriverError) -> Connection {
    let call = Call("open", writes: options.contains(.create))
    return try traced(call) { () throws(DriverError) in try open(url, options, operation, call) }
  }

  private func open(
    _ url: String, _ options: [DriverOption], _ operation: Operation, _ call: Call
  ) throws(DriverError) -> Connection {
    guard !operation.isCancelled else { throw DriverError(.cancelled, message: "open was cancelled before it began") }
    let list = OptionList([DriverOption(key: "url", value: url, isSecret: true)] + options)
    let slot = ErrorSlot()
    let redacted = RedactedURL(url)
    operation.hide(redacted)
    var connection: OpaquePointer?
    let code = withExtendedLifetime((slot, operation)) {
      list.withOptions { options, count in table.open(options, count, operation.borrowed, &connection, slot.borrowed) }
    }
    if let failure = call.failure(of: self, code, slot, defect: nil) { throw failure.hiding(redacted) }
    guard let connection else { throw call.defect(of: self, "it returned neither a connection nor an error") }
    return try Connection(self, connection, of: redacted)
  }

  /// The URL of another driver, if this URL stands for a database of that driver; nil otherwise.
  package func redirect(_ url: String, operation: Operation) throws(DriverError) -> String? {
    guard let redirect = table.redirect else { return nil }
    let call = Call("redirect")
    let slot = ErrorSlot()
    let redacted = RedactedURL(url)
    operation.hide(redacted)
    var bytes: [UInt8] = []
    let receiver = ByteReceiver { bytes += $0 }
    let code = withExtendedLifetime((slot, operation)) {
      receiver.withSink { sink in
        url.withBorrowed { redirect($0, operation.borrowed, sink, slot.borrowed) }
      }
    }
    if let failure = call.failure(of: self, code, slot, defect: receiver.defect) {
      throw failure.hiding(redacted)
    }
    guard !bytes.isEmpty else { return nil }
    guard let target = String(validating: bytes, as: UTF8.self) else {
      throw call.defect(of: self, "it wrote text that is not UTF-8")
    }
    return target
  }
}
