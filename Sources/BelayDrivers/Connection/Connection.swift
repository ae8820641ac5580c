import BelayABI
import BelayText
import CBelayDriver

/// One open database, used by one thread at a time. The operation's cancellation stops a running call.
///
/// A closure that receives rows or bytes must not call the connection that they come from.
package final class Connection {
  /// The traits when it was opened; `describe` reads them again.
  package let traits: Traits
  package let driver: Driver

  /// What nothing that the driver says may show.
  let url: RedactedURL

  private var handle: OpaquePointer?
  private var isBusy = false
  private let interrupter: Interrupter
  var support: [DriverExtension: Support] = [:]
  /// As far as belay has begun one: a call that the engine has answered by ending a transaction (SQLSTATE class 40) is made
  /// again only where there was none.
  var isInTransaction = false

  /// Takes over a handle that the driver's open has returned; closes it if the driver cannot describe it.
  init(_ driver: Driver, _ handle: OpaquePointer, of url: RedactedURL) throws(DriverError) {
    self.driver = driver
    self.url = url
    self.handle = handle
    self.interrupter = Interrupter(handle, interrupt: driver.table.interrupt)
    do {
      self.traits = try Connection.describe(driver, handle, url)
    } catch {
      driver.table.close(handle)
      throw error
    }
  }

  deinit { close() }

  /// Ends the connection; an open transaction is rolled back. Does nothing the second time.
  package func close() {
    guard let open = handle else { return }
    handle = nil
    interrupter.close()
    driver.table.close(open)
  }

  /// The current traits: size, free space, and what depends on the session's privileges.
  package func describe() throws(DriverError) -> Traits {
    guard let handle else { throw Call("describe").closed }
    return try Connection.describe(driver, handle, url)
  }

  private static func describe(
    _ driver: Driver, _ handle: OpaquePointer, _ url: RedactedURL
  ) throws(DriverError) -> Traits {
    let slot = ErrorSlot()
    var filled = belay_traits.toFill()
    let code = withExtendedLifetime(slot) { driver.table.describe(handle, &filled, slot.borrowed) }
    let call = Call("describe")
    if let failure = call.failure(of: driver, code, slot, defect: nil) { throw failure.hiding(url) }
    do {
      return try Traits(filled)
    } catch {
      throw call.defect(of: driver, error.reason)
    }
  }

  /// Makes one call. All calls on a connection go through here: closed or busy connections, cancellations and rules
  /// that the driver breaks become errors. A call that meets a lock of others is made again for as long as the operation
  /// has patience.
  /// - Parameters:
  ///   - defect: called after the call, returns a rule that was broken in a callback.
  ///   - isUntouched: whether no callback has passed anything on yet.
  func perform(
    _ call: Call, _ operation: Operation, defect: () -> String? = { nil }, isUntouched: () -> Bool = { true },
    _ body: (_ connection: OpaquePointer, _ operation: OpaquePointer, _ error: OpaquePointer) -> Int32
  ) throws(DriverError) {
    guard let patience = operation.lockPatience, !call.answersAtOnce else {
      return try performOnce(call, operation, defect, body)
    }
    try patience.call(cancellation: operation.cancellation, inTransaction: isInTransaction, canRepeat: isUntouched) {
      () throws(DriverError) in try performOnce(call, operation, defect, body)
    }
  }

  private func performOnce(
    _ call: Call, _ operation: Operation, _ defect: () -> String?,
    _ body: (_ connection: OpaquePointer, _ operation: OpaquePointer, _ error: OpaquePointer) -> Int32
  ) throws(DriverError) {
    try driver.traced(call) { () throws(DriverError) in try reach(call, operation, defect, body) }
  }

  private func reach(
    _ call: Call, _ operation: Operation, _ defect: () -> String?,
    _ body: (_ connection: OpaquePointer, _ operation: OpaquePointer, _ error: OpaquePointer) -> Int32
  ) throws(DriverError) {
    guard let handle else { throw call.closed }
    guard !isBusy else {
      throw DriverError(.invalid, message: "\(call.name) was called from within another call on its connection")
    }
    let slot = ErrorSlot()
    operation.hide(url)
    isBusy = true
    defer { isBusy = false }
    let code = withExtendedLifetime((slot, operation, self)) {
      interrupter.during(operation.cancellation) { body(handle, operation.borrowed, slot.borrowed) }
    }
    guard let code else { throw DriverError(.cancelled, message: "\(call.name) was cancelled before it began") }
    if let failure = call.failure(of: driver, code, slot, defect: defect()) { throw failure.hiding(url) }
  }
}
