import Foundation

/// One entry of rclone's listing.
struct RcloneObject: Decodable, Equatable {
  let name: String
  /// -1: the storage does not say.
  let size: Int64
  let isFolder: Bool
  let modified: Date
  /// By rclone's names of the algorithms; those that the storage knows without reading, or by reading it itself.
  let hashes: [String: String]

  private enum CodingKeys: String, CodingKey {
    case name = "Name"
    case size = "Size"
    case isFolder = "IsDir"
    case modified = "ModTime"
    case hashes = "Hashes"
  }

  init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    name = try values.decode(String.self, forKey: .name)
    size = try values.decode(Int64.self, forKey: .size)
    isFolder = try values.decodeIfPresent(Bool.self, forKey: .isFolder) ?? false
    modified = try values.decodeIfPresent(String.self, forKey: .modified).flatMap(Self.moment) ?? .distantPast
    hashes = try values.decodeIfPresent([String: String].self, forKey: .hashes) ?? [:]
  }

  /// RFC 3339, with or without parts of seconds, of any precision.
  private static func moment(_ text: String) -> Date? {
    guard let match = text.wholeMatch(of: #/(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)/#),
      let whole = try? Date(String(match.1) + String(match.3), strategy: .iso8601)
    else { return nil }
    return whole.addingTimeInterval(match.2.flatMap { Double("0" + $0) } ?? 0)
  }

  /// Whether it is the file of this digest, as far as the storage tells. nil: it tells no hash that is known here.
  func equals(_ digest: FileDigest) -> Bool? {
    guard size < 0 || UInt64(size) == digest.bytes else { return false }
    for algorithm in FileDigest.known {
      guard let there = hashes[algorithm], !there.isEmpty, let here = digest.hashes[algorithm] else { continue }
      return there.lowercased() == here
    }
    return nil
  }
}

/// What a remote can do, by `rclone backend features`.
struct RcloneFeatures: Decodable, Equatable {
  /// An object is there whole or not at all, and a folder is nothing but a part of names.
  let isBucketBased: Bool
  /// A file gets another name without being sent again.
  let canRename: Bool

  private enum CodingKeys: String, CodingKey { case features = "Features" }
  private enum FeatureKeys: String, CodingKey {
    case bucketBased = "BucketBased"
    case move = "Move"
    case copy = "Copy"
  }

  init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
      .nestedContainer(keyedBy: FeatureKeys.self, forKey: .features)
    isBucketBased = try values.decodeIfPresent(Bool.self, forKey: .bucketBased) ?? false
    let move = try values.decodeIfPresent(Bool.self, forKey: .move) ?? false
    let copy = try values.decodeIfPresent(Bool.self, forKey: .copy) ?? false
    canRename = move || copy
  }
}
