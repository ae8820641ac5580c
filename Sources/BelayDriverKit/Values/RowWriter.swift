import BelayRows
import CBelayDriver

/// Receives the rows of a query: call `columns` once, then for each row its values in order and `endRow`.
///
/// Values are collected into batches and passed to the host a few hundred KiB at a time. Bytes are copied into the
/// writer's own arena, because an engine's pointers are usually valid only until its next step; a large value can be
/// lent instead.
public final class RowWriter {
  /// Small enough to stay in a core's cache while the host reads a batch several times.
  @usableFromInline static let arenaCapacity = 256 << 10
  @usableFromInline static let cellsPerBatch = 8192

  private let sink: belay_rowsink
  // One thread writes at a time, and no access lasts during a call of other code: the exclusivity checks, which would
  // cost about ten nanoseconds per value, have no benefit here.
  @usableFromInline let arena: UnsafeMutableRawPointer
  @exclusivity(unchecked) @usableFromInline var arenaUsed = 0
  @exclusivity(unchecked) @usableFromInline var cells: UnsafeMutablePointer<belay_cell>
  @exclusivity(unchecked) @usableFromInline var cellCapacity = 0
  @exclusivity(unchecked) @usableFromInline var cellCount = 0
  /// The first cell of the row that is being written.
  @exclusivity(unchecked) @usableFromInline var rowStart = 0
  @exclusivity(unchecked) @usableFromInline var columnCount = 0
  /// Complete rows of a result that has no columns, and so no cells.
  @exclusivity(unchecked) @usableFromInline var bareRows: UInt64 = 0
  /// The rows must be passed on at the end of this one: it has a lent value, or one that did not fit into the arena.
  @exclusivity(unchecked) @usableFromInline var mustFlush = false
  /// Values that did not fit into the arena, until the next flush.
  private var overflow: [UnsafeMutableRawPointer] = []
  private(set) var hasColumns = false

  init(_ sink: belay_rowsink) {
    self.sink = sink
    arena = .allocate(byteCount: Self.arenaCapacity, alignment: 16)
    cells = .allocate(capacity: 0)
  }

  deinit {
    for block in overflow { block.deallocate() }
    arena.deallocate()
    cells.deallocate()
  }

  /// Sets the columns: call it once, before any row, even if there are no rows.
  public func columns(_ columns: [ResultColumn]) throws(DriverFailure) {
    precondition(!hasColumns, "columns must be called once")
    hasColumns = true
    columnCount = columns.count
    // Room for a batch and one more row, so that no check is needed in the middle of a row.
    cellCapacity = Self.cellsPerBatch + columns.count
    cells.deallocate()
    cells = .allocate(capacity: cellCapacity)
    let code = columns.flatMap { [$0.name, $0.nativeType] }.withBorrowed { strings in
      let described = (0..<columns.count).map { index in
        belay_column(
          name: strings[2 * index], native_type: strings[2 * index + 1], flags: 0, reserved: (0, 0, 0))
      }
      return described.withUnsafeBufferPointer { sink.columns(sink.ctx, $0.baseAddress, UInt32($0.count)) }
    }
    if code != 0 { throw .handedOn(code) }
  }

  /// Ends a row: as many values must have been written as there are columns.
  @inlinable
  public func endRow() throws(DriverFailure) {
    precondition(cellCount - rowStart == columnCount, "a row must have as many values as there are columns")
    rowStart = cellCount
    if columnCount == 0 { bareRows += 1 }
    if mustFlush || cellCount >= Self.cellsPerBatch || arenaUsed > Self.arenaCapacity / 4 * 3 { try flush() }
  }

  /// Ends the result and passes the rest to the host. The kit calls it after the query.
  func finish() throws(DriverFailure) {
    guard hasColumns, cellCount == rowStart else {
      throw DriverFailure(.internal, "the driver passed no columns, or an incomplete row")
    }
    try flush()
  }

  /// Passes all complete rows to the host.
  @usableFromInline
  func flush() throws(DriverFailure) {
    let complete = rowStart
    if complete > 0 || bareRows > 0 {
      let rows = columnCount == 0 ? bareRows : UInt64(complete / columnCount)
      bareRows = 0
      var batch = belay_batch(
        cells: UnsafePointer(cells), nrows: rows, ncols: UInt32(columnCount), reserved: 0)
      let code = sink.rows(sink.ctx, &batch)
      if code != 0 { throw .handedOn(code) }
    }
    let begun = cellCount - complete
    if begun == 0 {
      arenaUsed = 0
      mustFlush = false
      for block in overflow { block.deallocate() }
      overflow.removeAll(keepingCapacity: true)
    } else if complete > 0 {
      // The bytes of the incomplete row stay where they are; only its cells move to the front.
      cells.update(from: cells + complete, count: begun)
    }
    cellCount = begun
    rowStart = 0
  }

  /// Room for bytes of the row that is being written, when the arena has none left.
  @usableFromInline
  func spill(_ count: Int) throws(DriverFailure) -> UnsafeMutableRawPointer {
    // Passes on complete rows first, so that a batch is never much larger than its arena, unless it is a single row.
    if rowStart > 0 { try flush() }
    if cellCount == 0, count <= Self.arenaCapacity {
      arenaUsed = count
      return arena
    }
    let block = UnsafeMutableRawPointer.allocate(byteCount: max(count, 1), alignment: 16)
    overflow.append(block)
    mustFlush = true
    return block
  }
}
