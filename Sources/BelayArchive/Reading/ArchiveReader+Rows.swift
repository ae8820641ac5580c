import CBelayDriver

extension ArchiveReader {
  /// The rows of a CSV member, as they stream past. A batch is valid within the closure.
  package func eachBatch(of member: String, _ body: (belay_batch) throws -> Void) throws {
    var decoder = CSVDecoder(source: "\(manifest.id): \(member)")
    try read(member) { try decoder.decode($0, body) }
    try decoder.finish(body)
  }
}
