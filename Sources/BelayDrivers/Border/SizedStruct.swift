import CBelayDriver

/// A struct of the ABI that grows at its end: only the bytes that its maker knew of may be read.
protocol SizedStruct {
  init()
  var struct_size: UInt32 { get set }
}

extension SizedStruct {
  /// A copy of what is there; members that the maker did not know of are zero, thus NULL.
  init(reading pointer: UnsafeRawPointer) {
    self.init()
    let size = pointer.load(as: UInt32.self)
    withUnsafeMutableBytes(of: &self) { bytes in
      bytes.copyMemory(
        from: UnsafeRawBufferPointer(start: pointer, count: min(Int(size), MemoryLayout<Self>.size)))
    }
  }

  /// All zero but the size: what a driver fills in.
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
