import CBelayDriver

/// The types of cells, as in the tag of `belay_cell`.
public enum CellType {
  /// No value.
  @inlinable public static var null: UInt32 { UInt32(BELAY_NULL) }
  /// True or false.
  @inlinable public static var bool: UInt32 { UInt32(BELAY_BOOL) }
  /// A whole number.
  @inlinable public static var integer: UInt32 { UInt32(BELAY_I64) }
  /// A real.
  @inlinable public static var real: UInt32 { UInt32(BELAY_F64) }
  /// UTF-8, or any bytes that an engine without text validation has stored.
  @inlinable public static var text: UInt32 { UInt32(BELAY_TEXT) }
  /// Bytes.
  @inlinable public static var blob: UInt32 { UInt32(BELAY_BLOB) }
  /// The engine's own lossless text form.
  @inlinable public static var native: UInt32 { UInt32(BELAY_NATIVE) }
}

extension belay_cell {
  /// The bytes of a text, blob or native; empty for other types. Borrowed: valid as long as the batch.
  @inlinable public var bytes: UnsafeRawBufferPointer {
    guard len > 0, type >= CellType.text else { return UnsafeRawBufferPointer(start: nil, count: 0) }
    return UnsafeRawBufferPointer(start: v.ptr, count: Int(len))
  }
}
