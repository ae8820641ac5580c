import SystemPackage

/// Sorts the rows of one table in a bounded amount of memory: what does not fit goes to the disk, in sorted pieces. Used by
/// one thread.
package final class RowSorter {
  /// So many pieces of one size are merged into one of the next size: each is an open file with a buffer.
  private static let mostPieces = 32

  private let folder: FilePath
  private let memory: Int
  private var waiting = RowArena()
  /// By size: each piece of the next entry was merged of those of this one.
  private var pieces: [[SpillFile]] = []

  /// - Parameters:
  ///   - folder: for the temporary files.
  ///   - memory: in bytes. A single row may need more.
  package init(folder: FilePath, memory: Int = 32 << 20) {
    self.folder = folder
    self.memory = memory
  }

  package func add(_ row: RowRecord) throws(SpillError) {
    waiting.add(row)
    if waiting.size >= memory { try spill() }
  }

  /// Once, last.
  package func sorted() throws(SpillError) -> any RowSource {
    waiting.sort()
    let files = pieces.joined().map { SpilledRows($0) as any RowSource }
    pieces = []
    return files.isEmpty ? waiting : try MergedRows(files + [waiting])
  }

  private func spill() throws(SpillError) {
    waiting.sort()
    try keep(try written(waiting), size: 0)
    waiting = RowArena()
  }

  private func keep(_ file: SpillFile, size: Int) throws(SpillError) {
    if pieces.count == size { pieces.append([]) }
    pieces[size].append(file)
    guard pieces[size].count == Self.mostPieces else { return }
    let merged = try written(try MergedRows(pieces[size].map { SpilledRows($0) }))
    pieces[size] = []
    try keep(merged, size: size + 1)
  }

  private func written(_ rows: any RowSource) throws(SpillError) -> SpillFile {
    let file = try SpillFile(in: folder)
    while let row = try rows.next() { try file.add(row) }
    try file.flush()
    return file
  }
}

/// Rows in one piece of memory.
final class RowArena: RowSource {
  private struct Entry {
    let offset: Int
    let key: Int
    let content: Int
  }

  private var bytes: [UInt8] = []
  private var entries: [Entry] = []
  private var given = 0

  var size: Int { bytes.count + entries.count * MemoryLayout<Entry>.stride }

  func add(_ row: RowRecord) {
    entries.append(Entry(offset: bytes.count, key: row.key.count, content: row.content.count))
    bytes.append(contentsOf: row.key)
    bytes.append(contentsOf: row.content)
  }

  func sort() {
    bytes.withUnsafeBytes { bytes in
      func part(_ start: Int, _ count: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes[start..<start + count])
      }
      entries.sort { left, right in
        let order = RowRecord.order(part(left.offset, left.key), part(right.offset, right.key))
        if order != 0 { return order < 0 }
        return RowRecord.order(
          part(left.offset + left.key, left.content), part(right.offset + right.key, right.content))
          < 0
      }
    }
  }

  func next() -> RowRecord? {
    guard given < entries.count else { return nil }
    let entry = entries[given]
    given += 1
    let middle = entry.offset + entry.key
    return RowRecord(
      key: Array(bytes[entry.offset..<middle]), content: Array(bytes[middle..<middle + entry.content]))
  }
}
