import BelayRows
import CBelayDriver

/// Receives bytes. It accepts all of them or throws.
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

/// Provides bytes.
public struct ByteSource {
  let source: belay_source

  /// Fills the buffer, or a part of it.
  /// - Returns: how many bytes; 0 at the end.
  public func read(into buffer: UnsafeMutableRawBufferPointer) throws(DriverFailure) -> Int {
    let count = source.read(source.ctx, buffer.baseAddress, UInt64(buffer.count))
    if count < 0 { throw .handedOn(Int32(BELAY_E_IO)) }
    return Int(count)
  }
}
