import FoundationEssentials

extension Manifest {
  /// No manifest is nearly as large: ten thousand tables of fifty columns need 10 MB. More is an attack or damage.
  static let largestSize: UInt64 = 64 << 20

  /// Pretty, with sorted keys and a final line end: the same manifest gives the same bytes.
  package func json() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return Array(try encoder.encode(self)) + [UInt8(ascii: "\n")]
  }

  /// Reads a manifest. Keys that it does not know are ignored. `path` is the archive's, for errors.
  package init(json: [UInt8], path: String) throws(ArchiveError) {
    struct Version: Decodable { var format: Int }

    let data = Data(json)
    let decoder = JSONDecoder()
    do {
      // The format first: everything else may be different in a future archive.
      let format = try decoder.decode(Version.self, from: data).format
      if format > Manifest.currentFormat {
        throw ArchiveError(
          .futureFormat, path: path, member: MemberName.manifest,
          "\(path) was made by a newer belay (archive format \(format); this one reads \(Manifest.currentFormat))",
          hint: "upgrade belay, or restore by hand as README.txt in the archive says")
      }
      guard format > 0 else {
        throw ArchiveError(
          .damaged, path: path, member: MemberName.manifest, "\(path): manifest.json: no such format: \(format)")
      }
      self = try decoder.decode(Manifest.self, from: data)
      if let flaw = sizeFlaw {
        throw ArchiveError(
          .damaged, path: path, member: MemberName.manifest, "\(path): manifest.json says what cannot be: \(flaw)",
          hint: "use another backup: `belay list` shows them")
      }
    } catch let error as ArchiveError {
      throw error
    } catch {
      throw ArchiveError(
        .damaged, path: path, member: MemberName.manifest,
        "\(path): manifest.json cannot be read: \(Manifest.reason(error))",
        hint: "use another backup: `belay list` shows them")
    }
  }

  /// An exbibyte: more than any disk holds, and so little that nobody who adds or doubles sizes of a manifest overflows.
  static let largestSum: UInt64 = 1 << 60

  /// A number that is out of all proportion, alone or together with others.
  private var sizeFlaw: String? {
    let sums: [(String, [UInt64])] = [
      ("bytes of members", members.map(\.bytes)), ("stored bytes of members", members.map(\.storedBytes)),
      ("rows", tables.map(\.rows)), ("bytes of the database", [target.databaseBytes]),
    ]
    for (what, numbers) in sums {
      var sum: UInt64 = 0
      for number in numbers {
        guard number <= Self.largestSum, sum + number <= Self.largestSum else { return "more than 2^60 \(what)" }
        sum += number
      }
    }
    return nil
  }

  /// The decoder's error in one line.
  private static func reason(_ error: any Error) -> String {
    switch error as? DecodingError {
    case .keyNotFound(let key, _): "there is no \(key.stringValue)"
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      "\(context.codingPath.map(\.stringValue).joined(separator: ".")) is of another type"
    case .dataCorrupted(let context) where !context.codingPath.isEmpty:
      "\(context.codingPath.map(\.stringValue).joined(separator: ".")) has no such value"
    default: "it is not JSON"
    }
  }
}
