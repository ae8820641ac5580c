import BelayRows
import CBelayDriver

extension RowWriter {
  /// Writes NULL.
  @inlinable
  public func null() {
    next(type: CellType.null) { $0.v.i64 = 0 }
  }

  /// Writes true or false.
  @inlinable
  public func bool(_ value: Bool) {
    next(type: CellType.bool) { $0.v.i64 = value ? 1 : 0 }
  }

  /// Writes a whole number.
  @inlinable
  public func integer(_ value: Int64) {
    next(type: CellType.integer) { $0.v.i64 = value }
  }

  /// Writes a real.
  @inlinable
  public func real(_ value: Double) {
    next(type: CellType.real) { $0.v.f64 = value }
  }

  /// Writes text; copies it.
  public func text(_ value: String) throws(DriverFailure) {
    var value = value
    // withUTF8 cannot throw a typed error, so the error is returned as a result.
    let result = value.withUTF8 { utf8 in
      Result { () throws(DriverFailure) in try self.text(UnsafeRawBufferPointer(utf8)) }
    }
    try result.get()
  }

  /// Writes the text, or NULL if it is nil.
  public func text(_ value: String?) throws(DriverFailure) {
    if let value { try text(value) } else { null() }
  }

  /// Writes text as the engine has stored it; copies it.
  @inlinable
  public func text(_ bytes: UnsafeRawBufferPointer) throws(DriverFailure) {
    let copy = try copied(bytes)
    next(type: CellType.text, bytes: bytes.count) { $0.v.ptr = copy }
  }

  /// Writes bytes; copies them.
  @inlinable
  public func blob(_ bytes: UnsafeRawBufferPointer) throws(DriverFailure) {
    let copy = try copied(bytes)
    next(type: CellType.blob, bytes: bytes.count) { $0.v.ptr = copy }
  }

  /// Writes the engine's own lossless text form; copies it.
  @inlinable
  public func native(_ bytes: UnsafeRawBufferPointer) throws(DriverFailure) {
    let copy = try copied(bytes)
    next(type: CellType.native, bytes: bytes.count) { $0.v.ptr = copy }
  }

  /// Writes a value; copies it.
  func value(_ value: Value) throws(DriverFailure) {
    switch value {
    case .null: null()
    case .bool(let flag): bool(flag)
    case .integer(let number): integer(number)
    case .real(let number): real(number)
    case .text(let text): try self.text(text)
    case .blob(let bytes): try copying(bytes) { (bytes) throws(DriverFailure) in try blob(bytes) }
    case .native(let text): try copying(Array(text.utf8)) { (bytes) throws(DriverFailure) in try native(bytes) }
    }
  }

  private func copying(
    _ bytes: [UInt8], _ body: (UnsafeRawBufferPointer) throws(DriverFailure) -> Void
  ) throws(DriverFailure) {
    // withUnsafeBytes cannot throw a typed error, so the error is returned as a result.
    let result = bytes.withUnsafeBytes { bytes in Result { () throws(DriverFailure) in try body(bytes) } }
    try result.get()
  }

  /// Lends text that must stay valid until `endRow` returns, which passes the rows to the host.
  @inlinable
  public func lendText(_ bytes: UnsafeRawBufferPointer) throws(DriverFailure) {
    if rowStart > 0 { try flush() }
    mustFlush = true
    next(type: CellType.text, bytes: bytes.count) { $0.v.ptr = bytes.baseAddress }
  }

  /// Lends bytes that must stay valid until `endRow` returns, which passes the rows to the host.
  @inlinable
  public func lendBlob(_ bytes: UnsafeRawBufferPointer) throws(DriverFailure) {
    if rowStart > 0 { try flush() }
    mustFlush = true
    next(type: CellType.blob, bytes: bytes.count) { $0.v.ptr = bytes.baseAddress }
  }

  @inlinable
  func copied(_ bytes: UnsafeRawBufferPointer) throws(DriverFailure) -> UnsafeRawPointer? {
    guard let source = bytes.baseAddress, bytes.count > 0 else { return nil }
    let target: UnsafeMutableRawPointer
    if arenaUsed + bytes.count <= Self.arenaCapacity {
      target = arena + arenaUsed
      arenaUsed += bytes.count
    } else {
      target = try spill(bytes.count)
    }
    target.copyMemory(from: source, byteCount: bytes.count)
    return UnsafeRawPointer(target)
  }

  @inlinable
  func next(type: UInt32, bytes: Int = 0, _ fill: (inout belay_cell) -> Void) {
    precondition(cellCount < cellCapacity, "more values than columns")
    var cell = belay_cell()
    cell.type = type
    cell.len = UInt64(bytes)
    fill(&cell)
    cells[cellCount] = cell
    cellCount += 1
  }
}
