import CArchive

/// A member's bytes in order, before they are unpacked. Used by one thread at a time.
class MemberBytes {
  /// What stopped it. libarchive only learns that something did.
  var failure: ArchiveError?

  /// The next bytes, valid until the next call; empty at the end.
  func next() throws(ArchiveError) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: nil, count: 0) }
}

/// Where libarchive's decoders get a member's bytes.
func readForLibarchive(
  _: OpaquePointer?, context: UnsafeMutableRawPointer?, bytes: UnsafeMutablePointer<UnsafeRawPointer?>?
) -> Int {
  guard let context, let bytes else { return -1 }
  let reader = Unmanaged<MemberBytes>.fromOpaque(context).takeUnretainedValue()
  do {
    let chunk = try reader.next()
    bytes.pointee = chunk.baseAddress
    return chunk.count
  } catch {
    return -1
  }
}
