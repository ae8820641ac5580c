import CBelayDriver

/// The host's end of a source: returns bytes, and 0 at the end.
final class ByteGiver {
  private(set) var failure: (any Error)?
  /// Nothing was asked for yet.
  private(set) var isUntouched = true
  private let read: (UnsafeMutableRawBufferPointer) throws -> Int

  init(_ read: @escaping (UnsafeMutableRawBufferPointer) throws -> Int) { self.read = read }

  /// Lends the source for the length of body.
  func withSource<R>(_ body: (UnsafePointer<belay_source>) -> R) -> R {
    var source = belay_source(
      ctx: Unmanaged.passUnretained(self).toOpaque(),
      read: { context, buffer, capacity in
        guard let context else { return -1 }
        return Unmanaged<ByteGiver>.fromOpaque(context).takeUnretainedValue().give(buffer, capacity)
      })
    return withExtendedLifetime(self) { withUnsafePointer(to: &source, body) }
  }

  private func give(_ buffer: UnsafeMutableRawPointer?, _ capacity: UInt64) -> Int64 {
    isUntouched = false
    // After a failure every read fails; otherwise a driver that ignores the failure would treat a truncated dump as
    // complete.
    guard failure == nil, buffer != nil || capacity == 0 else { return -1 }
    do {
      let count = try read(UnsafeMutableRawBufferPointer(start: buffer, count: Int(clamping: capacity)))
      precondition(count >= 0 && UInt64(count) <= capacity, "a source gave \(count) bytes into a buffer of \(capacity)")
      return Int64(count)
    } catch {
      failure = error
      return -1
    }
  }
}
