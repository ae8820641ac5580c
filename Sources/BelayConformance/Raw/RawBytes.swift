import CBelayDriver

/// The host's end of a sink or a source that fails at a given place.
final class RawBytes {
  private var left: Int
  private let code: Int32
  private let given: [UInt8]
  private var offset = 0
  private var hasFailed = false
  private(set) var callsAfterFailure = 0

  /// A sink that accepts this many bytes, and then fails.
  init(failingAfter limit: Int, code: Int32) {
    (left, self.code, given) = (limit, code, [])
  }

  /// A source of these bytes.
  init(giving bytes: [UInt8], thenFailing fails: Bool) {
    (left, code, given) = (0, fails ? -1 : 0, bytes)
  }

  var sink: belay_sink {
    belay_sink(
      ctx: Unmanaged.passUnretained(self).toOpaque(),
      write: { context, _, count in RawBytes.from(context).take(Int(clamping: count)) })
  }

  var source: belay_source {
    belay_source(
      ctx: Unmanaged.passUnretained(self).toOpaque(),
      read: { context, buffer, capacity in
        RawBytes.from(context).give(UnsafeMutableRawBufferPointer(start: buffer, count: Int(clamping: capacity)))
      })
  }

  private static func from(_ context: UnsafeMutableRawPointer?) -> RawBytes {
    guard let context else { preconditionFailure("a driver lost the context of its stream") }
    return Unmanaged.fromOpaque(context).takeUnretainedValue()
  }

  private func take(_ count: Int) -> Int32 {
    if hasFailed { callsAfterFailure += 1 }
    left -= count
    guard left < 0 else { return Int32(BELAY_OK) }
    hasFailed = true
    return code
  }

  private func give(_ buffer: UnsafeMutableRawBufferPointer) -> Int64 {
    let count = min(buffer.count, given.count - offset, 1000)
    buffer.copyBytes(from: given[offset..<offset + count])
    offset += count
    return count > 0 ? Int64(count) : Int64(code)
  }
}
