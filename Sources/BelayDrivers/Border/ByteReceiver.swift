import BelayRows
import CBelayDriver

/// The host's end of a sink: accepts all bytes or fails.
final class ByteReceiver {
  private(set) var failure: (any Error)?
  private(set) var defect: String?
  /// Nothing came yet.
  private(set) var isUntouched = true
  private let write: (UnsafeRawBufferPointer) throws -> Void

  init(_ write: @escaping (UnsafeRawBufferPointer) throws -> Void) { self.write = write }

  /// Lends the sink for the length of body.
  func withSink<R>(_ body: (UnsafePointer<belay_sink>) -> R) -> R {
    var sink = belay_sink(
      ctx: Unmanaged.passUnretained(self).toOpaque(),
      write: { context, bytes, count in
        guard let context else { return Int32(BELAY_E_INTERNAL) }
        return Unmanaged<ByteReceiver>.fromOpaque(context).takeUnretainedValue().take(bytes, count)
      })
    return withExtendedLifetime(self) { withUnsafePointer(to: &sink, body) }
  }

  private func take(_ bytes: UnsafeRawPointer?, _ count: UInt64) -> Int32 {
    isUntouched = false
    guard failure == nil, defect == nil else { return Int32(BELAY_E_CANCELLED) }
    guard count <= Border.longestValue, count == 0 || bytes != nil else {
      defect = "it wrote \(count) bytes\(bytes == nil ? " at NULL" : "")"
      return Int32(BELAY_E_CANCELLED)
    }
    do {
      try write(UnsafeRawBufferPointer(start: bytes, count: Int(count)))
      return Int32(BELAY_OK)
    } catch {
      failure = error
      return Int32(BELAY_E_CANCELLED)
    }
  }
}
