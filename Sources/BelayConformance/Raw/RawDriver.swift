import BelayDrivers
import CBelayDriver
import Glibc

/// The driver's functions, called directly: for input and output that the host's own calls never let through.
final class RawDriver {
  let table: UnsafePointer<belay_driver>
  let entry: Entry

  typealias Entry = @convention(c) (UnsafePointer<belay_host>?) -> UnsafePointer<belay_driver>?

  /// Loads the file and gets the functions from its entry.
  init(_ bench: Bench, host: UnsafePointer<belay_host>) throws {
    entry = try Self.entry(bench)
    guard let table = entry(host) else {
      throw Broken("its entry returns NULL to a host of \(host.pointee.struct_size) bytes")
    }
    self.table = table
  }

  convenience init(_ bench: Bench) throws { try self.init(bench, host: HostTable.shared) }

  /// The entry, not called yet. The path must be as trusted as for every command.
  static func entry(_ bench: Bench) throws -> Entry {
    let path = try bench.job.trustedPath()
    guard let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
      throw Broken("the system cannot load it: \(dlerror().map { String(cString: $0) } ?? "no reason given")")
    }
    guard let symbol = dlsym(handle, "belay_driver_v1") else { throw Broken("it has no symbol belay_driver_v1") }
    return unsafeBitCast(symbol, to: Entry.self)
  }

  /// The functions of an extension; nil if the driver does not have it.
  func table<T>(_ id: DriverExtension, as type: T.Type) -> T? {
    let needed = MemoryLayout<belay_driver>.offset(of: \.extension) ?? .max
    guard Int(table.pointee.struct_size) > needed, let ask = table.pointee.extension, let found = ask(id.rawValue)
    else { return nil }
    return found.load(as: T.self)
  }

  /// Opens one of the rule's databases, which the host's own calls have created.
  func open(_ bench: Bench, _ label: String = "app") throws -> RawConnection {
    let (answer, connection) = try openResult(bench, label)
    guard answer.code == BELAY_OK, let connection else { throw Broken("open failed: \(answer.message)") }
    return RawConnection(driver: self, handle: connection)
  }

  /// The result of open, unchecked.
  func openResult(_ bench: Bench, _ label: String) throws -> (answer: RawConnection.Answer, connection: OpaquePointer?)
  {
    guard let open = table.pointee.open else { throw Broken("open is NULL") }
    let all = [DriverOption(key: "url", value: bench.url(label))] + bench.job.driverOptions
    let options = all.map { option in
      belay_option(key: belay_str(lasting: option.key), value: belay_str(lasting: option.value), flags: 0, reserved: 0)
    }
    let (operation, slot) = (BelayDrivers.Operation(), ErrorSlot())
    var connection: OpaquePointer?
    let code = withExtendedLifetime((operation, slot)) {
      open(options, UInt32(options.count), operation.borrowed, &connection, slot.borrowed)
    }
    return (RawConnection.Answer(code: code, slot: slot), connection)
  }
}

extension belay_str {
  /// Text that is never freed: a rule's process ends soon.
  init(lasting text: String) {
    let length = text.utf8.count
    self.init(ptr: strdup(text).map { UnsafePointer($0) }, len: UInt64(length))
  }
}

/// One open database, used without the host's own calls.
final class RawConnection {
  let driver: RawDriver
  let handle: OpaquePointer
  var operation = BelayDrivers.Operation()

  init(driver: RawDriver, handle: OpaquePointer) {
    self.driver = driver
    self.handle = handle
  }

  /// The returned code of a call, and the failure that it reported.
  struct Answer {
    let code: Int32
    let slot: ErrorSlot
    var message: String { slot.reported?.message ?? "" }
  }

  func close() { driver.table.pointee.close(handle) }

  func describe(into traits: UnsafeMutablePointer<belay_traits>) -> Answer {
    answer { _, error in driver.table.pointee.describe(handle, traits, error) }
  }

  func execute(_ sql: String) -> Answer {
    answer { operation, error in
      driver.table.pointee.execute(handle, operation, belay_str(lasting: sql), nil, nil, error)
    }
  }

  func query(_ sql: String, _ rows: RawRows) -> Answer {
    answer { operation, error in
      var sink = rows.sink
      return driver.table.pointee.query(handle, operation, belay_str(lasting: sql), nil, &sink, error)
    }
  }

  /// Passes every object to body, whose result is returned to the driver.
  func catalog(_ body: @escaping () -> Int32) -> Answer {
    let box = Box(body)
    return answer { operation, error in
      var sink = belay_objectsink(
        ctx: Unmanaged.passUnretained(box).toOpaque(),
        object: { context, _ in Box<() -> Int32>.from(context)?.value() ?? Int32(BELAY_E_INTERNAL) })
      return withExtendedLifetime(box) { driver.table.pointee.catalog(handle, operation, &sink, error) }
    }
  }

  func answer(_ body: (_ operation: OpaquePointer, _ error: OpaquePointer) -> Int32) -> Answer {
    let slot = ErrorSlot()
    let code = withExtendedLifetime((operation, slot)) { body(operation.borrowed, slot.borrowed) }
    return Answer(code: code, slot: slot)
  }
}

/// A closure or value that C carries as a context.
final class Box<Value> {
  let value: Value
  init(_ value: Value) { self.value = value }

  static func from(_ context: UnsafeMutableRawPointer?) -> Box? {
    context.map { Unmanaged.fromOpaque($0).takeUnretainedValue() }
  }
}

/// The host's end of a rowsink that returns given codes and counts.
final class RawRows {
  private(set) var columnCalls = 0
  private(set) var rowCalls = 0
  private(set) var rows: UInt64 = 0
  /// Calls after one that returned a failure.
  private(set) var callsAfterFailure = 0
  /// The first rule of the layout that a batch broke.
  private(set) var flaw: String?
  /// What columns() returns.
  var columnsAnswer: Int32 = 0
  /// Which call of rows() fails, from 1, and with which code.
  var failing: (call: Int, code: Int32)?
  /// Called after each batch.
  var onRows: () -> Void = {}
  private var hasFailed = false

  var sink: belay_rowsink {
    belay_rowsink(
      ctx: Unmanaged.passUnretained(self).toOpaque(),
      columns: { context, _, _ in RawRows.from(context).columns() },
      rows: { context, batch in RawRows.from(context).take(batch) })
  }

  private static func from(_ context: UnsafeMutableRawPointer?) -> RawRows {
    guard let context else { preconditionFailure("a driver lost the context of its rowsink") }
    return Unmanaged.fromOpaque(context).takeUnretainedValue()
  }

  private func columns() -> Int32 {
    columnCalls += 1
    if hasFailed { callsAfterFailure += 1 }
    hasFailed = hasFailed || columnsAnswer != 0
    return columnsAnswer
  }

  private func take(_ batch: UnsafePointer<belay_batch>?) -> Int32 {
    rowCalls += 1
    if hasFailed { callsAfterFailure += 1 }
    if let batch = batch?.pointee {
      rows += batch.nrows
      look(at: batch)
    }
    onRows()
    guard let failing, rowCalls >= failing.call else { return Int32(BELAY_OK) }
    hasFailed = true
    return failing.code
  }

  private func look(at batch: belay_batch) {
    let cells = UnsafeBufferPointer(start: batch.cells, count: Int(batch.nrows) * Int(batch.ncols))
    for cell in cells where flaw == nil {
      switch Int(cell.type) {
      case BELAY_NULL, BELAY_I64, BELAY_F64:
        if cell.len != 0 { flaw = "a cell of type \(cell.type) has the len \(cell.len)" }
      case BELAY_BOOL:
        if cell.len != 0 || !(0...1).contains(cell.v.i64) { flaw = "a BOOL is neither 0 nor 1" }
      case BELAY_TEXT, BELAY_BLOB, BELAY_NATIVE:
        if cell.len > 0 && cell.v.ptr == nil { flaw = "a cell of \(cell.len) bytes is at NULL" }
      default: flaw = "a cell has the unknown type \(cell.type)"
      }
    }
  }
}
