import CArchive
import SystemPackage

/// The container: an uncompressed pax tar that contains the members as they are stored.
struct TarWriter {
  private let file: StagedFile
  private let writer: LibarchiveWriter
  private let modified: Int

  /// Makes a new file at `path`; an existing one is refused. `modified`: every member's mtime, in seconds since 1970.
  init(creating path: FilePath, modified: Int) throws(ArchiveError) {
    file = try SteadyFile(creating: path)
    writer = try LibarchiveWriter(file)
    self.modified = modified
    // "Restricted" pax: extension headers only if ustar has no space (members over 8 GiB, long names).
    try writer.configure { archive_write_set_format_pax_restricted($0) }
    try writer.configure { archive_write_add_filter_none($0) }
    try writer.configure { archive_write_set_bytes_per_block($0, 1 << 20) }
    try writer.configure { archive_write_set_bytes_in_last_block($0, 10240) }
    try writer.open()
  }

  func add(_ name: String, _ bytes: [UInt8]) throws(ArchiveError) {
    try writer.header(name: name, size: UInt64(bytes.count), modified: modified)
    var failure: ArchiveError?
    bytes.withUnsafeBytes { raw in
      do throws(ArchiveError) { try writer.data(raw) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  /// Copies a staged member into the archive. `size`: its required size.
  func add(_ name: String, from path: FilePath, size: UInt64) throws(ArchiveError) {
    try writer.header(name: name, size: size, modified: modified)
    let source: FileDescriptor
    do {
      source = try FileDescriptor.open(path, .readOnly, options: [.noFollow, .closeOnExec])
    } catch {
      throw .system("read", path.string, member: name, error)
    }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
    defer {
      buffer.deallocate()
      // A failure to close a file that was only read loses nothing.
      try? source.close()
    }
    var copied: UInt64 = 0
    while true {
      let count: Int
      do { count = try source.read(into: buffer) } catch { throw .system("read", path.string, member: name, error) }
      if count == 0 { break }
      copied += UInt64(count)
      try writer.data(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
    guard copied == size else {
      throw ArchiveError(
        .damaged, path: path.string, member: name, "\(path) changed while \(name) was put into the archive")
    }
  }

  /// Ends the archive and waits until it is on the disk.
  func finish() throws(ArchiveError) {
    try writer.close()
    try file.sync()
  }
}
