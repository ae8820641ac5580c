import CArchive
import Glibc

/// Which members an archive has, and where: one pass over its headers by libarchive, which seeks over the content.
///
/// Later reads go to the place directly. Where libarchive and the arithmetic here should ever disagree, the SHA-256 of
/// what is found there does not fit.
struct ArchiveIndex: Sendable {
  private(set) var names: [String] = []
  private(set) var regions: [String: StoredRegion] = [:]

  /// Calls `first` with the first member before the rest is looked at: that an archive comes from the future must be
  /// known before anything in it is found wrong.
  init(_ file: any ArchiveSource, first: (String, StoredRegion) throws(ArchiveError) -> Void) throws(ArchiveError) {
    if file.size == 0 { throw file.truncated("it is empty") }
    guard let handle = archive_read_new() else {
      throw ArchiveError(.io, path: file.path, "cannot read \(file.path): out of memory")
    }
    let cursor = SourceCursor(file)
    defer { withExtendedLifetime(cursor) { _ = archive_read_free(handle) } }
    archive_read_support_format_tar(handle)
    guard cursor.open(handle) == ARCHIVE_OK else { throw cursor.failure ?? file.notOurs(handle) }
    do throws(ArchiveError) {
      try readHeaders(handle, file, first: first)
    } catch {
      // libarchive knows only that it could not read on.
      throw cursor.failure ?? error
    }
    guard !names.isEmpty else { throw file.notOurs(handle) }
    try checkEnd(file)
  }

  private mutating func readHeaders(
    _ handle: OpaquePointer, _ file: any ArchiveSource, first: (String, StoredRegion) throws(ArchiveError) -> Void
  ) throws(ArchiveError) {
    while try next(handle, file) {
      guard names.count == 1, let name = names.first, let region = regions[name] else { continue }
      try first(name, region)
    }
  }

  /// Reads one header; false at the end.
  private mutating func next(_ handle: OpaquePointer, _ file: any ArchiveSource) throws(ArchiveError) -> Bool {
    var entry: OpaquePointer?
    let status = archive_read_next_header(handle, &entry)
    if status == ARCHIVE_EOF { return false }
    // A warning is not let pass either: belay writes nothing that libarchive warns of.
    guard status == ARCHIVE_OK, let entry else {
      throw names.isEmpty ? file.notOurs(handle) : file.broken(handle, after: names.last ?? "")
    }
    let name = archive_entry_pathname(entry).map { String(cString: $0) } ?? ""
    if let danger = ArchiveIndex.danger(entry, name) {
      let shown = MemberName.printable(name)
      throw ArchiveError(
        .unsafeName, path: file.path, member: shown, "\(file.path) contains an unsafe member \(shown): \(danger)",
        hint: "belay did not write it: do not unpack it")
    }
    guard archive_entry_size_is_set(entry) != 0, archive_entry_size(entry) >= 0 else {
      throw ArchiveError(.damaged, path: file.path, member: name, "\(file.path): \(name) has no size")
    }
    // Without filters, the content begins at the number of bytes consumed when its header was read.
    let region = StoredRegion(
      offset: UInt64(archive_filter_bytes(handle, -1)), size: UInt64(archive_entry_size(entry)))
    guard region.size <= file.size, region.paddedEnd <= file.size else {
      throw file.truncated("it ends within \(name)", member: name)
    }
    guard regions.updateValue(region, forKey: name) == nil else {
      throw ArchiveError(.damaged, path: file.path, member: name, "\(file.path) contains \(name) twice")
    }
    names.append(name)
    return true
  }

  /// After the last member: two empty blocks, and nothing but zeros to the end. libarchive is content with less.
  private func checkEnd(_ file: any ArchiveSource) throws(ArchiveError) {
    let end = regions.values.map(\.paddedEnd).max() ?? 0
    guard end + 1024 <= file.size else { throw file.truncated("its end mark is missing") }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 8)
    defer { buffer.deallocate() }
    var offset = end
    while true {
      let count = try file.read(at: offset, into: buffer)
      if count == 0 { return }
      guard buffer[..<count].allSatisfy({ $0 == 0 }) else {
        throw ArchiveError(.damaged, path: file.path, "\(file.path) contains bytes after its end")
      }
      offset += UInt64(count)
    }
  }

  /// Only plain files under plain names are unpacked without harm.
  private static func danger(_ entry: OpaquePointer, _ name: String) -> String? {
    if let danger = MemberName.danger(in: name) { return danger }
    if archive_entry_hardlink(entry) != nil || archive_entry_symlink(entry) != nil { return "it is a link" }
    if archive_entry_filetype(entry) != S_IFREG { return "it is not a regular file" }
    if archive_entry_sparse_count(entry) > 0 { return "it is sparse" }
    return nil
  }
}

extension ArchiveSource {
  fileprivate func truncated(_ how: String, member: String? = nil) -> ArchiveError {
    ArchiveError(
      .truncated, path: path, member: member, "\(path) was cut short: \(how)",
      hint: "copy it again from where it came from, or use another backup")
  }

  fileprivate func notOurs(_ handle: OpaquePointer) -> ArchiveError {
    let reason = archive_error_string(handle).map { String(cString: $0).lowercased() } ?? "it contains nothing"
    if reason.hasPrefix("truncated") { return truncated(reason) }
    return ArchiveError(.malformed, path: path, "\(path) is not a belay archive: \(reason)")
  }

  fileprivate func broken(_ handle: OpaquePointer, after member: String) -> ArchiveError {
    let reason = archive_error_string(handle).map { String(cString: $0).lowercased() } ?? "unknown error"
    if reason.hasPrefix("truncated") { return truncated("\(reason) after \(member)") }
    return ArchiveError(
      .damaged, path: path, "\(path) is damaged after its member \(member): \(reason)",
      hint: "use another backup: `belay list` shows them")
  }
}
