import BelayRows
import CBelayDriver

/// Where bytes go. It takes everything or throws.
public struct ByteSink {
  let sink: belay_sink

  /// Writes all of it.
  public func write(_ bytes: UnsafeRawBufferPointer) throws(DriverFailure) {
    if bytes.isEmpty { return }
    let code = sink.write(sink.ctx, bytes.baseAddress, UInt64(bytes.count))
    if code != 0 { throw .handedOn(code) }
  }

  /// Writes all of it.
  public func write(_ text: String) throws(DriverFailure) {
    let code = text.withBorrowed { text in text.len == 0 ? 0 : sink.write(sink.ctx, text.ptr, text.len) }
    if code != 0 { throw .handedOn(code) }
  }
}

/// Where bytes come from.
public struct ByteSource {
  let source: belay_source

  /// Fills at most the buffer, perhaps less.
  /// - Returns: how many bytes; 0 at the end.
  public func read(into buffer: UnsafeMutableRawBufferPointer) throws(DriverFailure) -> Int {
    let count = source.read(source.ctx, buffer.baseAddress, UInt64(buffer.count))
    if count < 0 { throw .handedOn(Int32(BELAY_E_IO)) }
    return Int(count)
  }
}
