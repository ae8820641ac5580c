import CBelayDriver

/// A struct of the ABI that grows at its end: only as many bytes may be read as its creator knew of.
protocol SizedStruct {
  init()
  var struct_size: UInt32 { get set }
}

extension SizedStruct {
  /// A copy of these bytes; members that the creator did not know of are zero, that is, NULL.
  init(reading pointer: UnsafeRawPointer) {
    self.init()
    let size = pointer.load(as: UInt32.self)
    withUnsafeMutableBytes(of: &self) { bytes in
      bytes.copyMemory(
        from: UnsafeRawBufferPointer(start: pointer, count: min(Int(size), MemoryLayout<Self>.size)))
    }
  }

  /// A struct for the driver to fill: all zero except the size.
  static func toFill() -> Self {
    var empty = Self()
    empty.struct_size = UInt32(MemoryLayout<Self>.size)
    return empty
  }
}

extension belay_driver: SizedStruct {}
extension belay_traits: SizedStruct {}
extension belay_object: SizedStruct {}
extension belay_statement: SizedStruct {}
