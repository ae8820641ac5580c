import CBelayDriver

extension ArchiveReader {
  /// The rows of a CSV member, as they stream past. A batch is valid within the closure.
  /// - Parameter mostBytes: of one row.
  package func eachBatch(
    of member: String, mostBytes: Int = CSVDecoder.largestRow, _ body: (belay_batch) throws -> Void
  ) throws {
    var decoder = CSVDecoder(source: "\(manifest.id): \(member)", mostBytes: mostBytes)
    try read(member) { try decoder.decode($0, body) }
    try decoder.finish(body)
  }
}
