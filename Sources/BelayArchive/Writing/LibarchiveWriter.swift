import CArchive
import Glibc
import SystemPackage

/// A libarchive write handle over a staged file. Used by one thread at a time.
///
/// Order: configure, open, then headers and data, then close. After a failure nothing more is written: libarchive would
/// otherwise flush what it holds when it is freed.
final class LibarchiveWriter {
  private let file: StagedFile
  private let handle: OpaquePointer

  init(_ file: StagedFile) throws(ArchiveError) {
    guard let handle = archive_write_new() else {
      throw ArchiveError(.io, path: file.path.string, "cannot write \(file.path): out of memory")
    }
    self.file = file
    self.handle = handle
  }

  deinit {
    archive_write_fail(handle)
    archive_write_free(handle)
  }

  /// Runs one call that sets the handle up.
  func configure(_ call: (OpaquePointer) -> CInt) throws(ArchiveError) {
    try check(call(handle))
  }

  func open() throws(ArchiveError) {
    let context = Unmanaged.passUnretained(file).toOpaque()
    try check(archive_write_open(handle, context, nil, writeForLibarchive, nil))
  }

  /// Starts the next entry: a regular file, private to the user.
  func header(name: String, size: UInt64?, modified: Int) throws(ArchiveError) {
    guard let entry = archive_entry_new() else {
      throw ArchiveError(.io, path: file.path.string, "cannot write \(file.path): out of memory")
    }
    defer { archive_entry_free(entry) }
    archive_entry_set_pathname(entry, name)
    archive_entry_set_mode(entry, S_IFREG | 0o600)
    archive_entry_set_mtime(entry, modified, 0)
    if let size { archive_entry_set_size(entry, Int64(size)) }
    try check(archive_write_header(handle, entry))
  }

  func data(_ bytes: UnsafeRawBufferPointer) throws(ArchiveError) {
    guard bytes.count > 0 else { return }
    let written = archive_write_data(handle, bytes.baseAddress, bytes.count)
    if written != bytes.count { throw failure() }
  }

  func close() throws(ArchiveError) {
    try check(archive_write_close(handle))
  }

  private func check(_ status: CInt) throws(ArchiveError) {
    // A warning is a failure too: a name that does not fit, a size that was cut.
    if status != ARCHIVE_OK { throw failure() }
  }

  private func failure() -> ArchiveError {
    if let failure = file.failure { return failure }
    let reason = archive_error_string(handle).map { String(cString: $0) } ?? "unknown error"
    return ArchiveError(.io, path: file.path.string, "cannot write \(file.path): \(reason.lowercased())")
  }
}
