import FoundationEssentials

/// The API's envelope. The result is read only if the call succeeded; otherwise it may be anything.
struct Envelope<Result: Decodable>: Decodable {
  var succeeded: Bool
  var errors: [APIError]
  var result: Result?
  var info: PageInfo?

  private enum Key: String, CodingKey { case success, errors, result, info = "result_info" }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    errors = try container.decodeIfPresent([APIError].self, forKey: .errors) ?? []
    succeeded = try container.decode(Bool.self, forKey: .success)
    result = succeeded ? try container.decodeIfPresent(Result.self, forKey: .result) : nil
    info = succeeded ? try container.decodeIfPresent(PageInfo.self, forKey: .info) : nil
  }
}

/// The position of a page in a list.
struct PageInfo: Decodable {
  var total: Int?

  private enum CodingKeys: String, CodingKey { case total = "total_count" }
}

/// One error of the envelope.
struct APIError: Decodable {
  var code: Int
  var message: String
  var chain: [APIError]

  private enum Key: String, CodingKey { case code, message, chain = "error_chain" }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    code = try container.decodeIfPresent(Int.self, forKey: .code) ?? 0
    message = try container.decodeIfPresent(String.self, forKey: .message) ?? ""
    chain = try container.decodeIfPresent([APIError].self, forKey: .chain) ?? []
  }
}

/// A result that is not used.
struct Nothing: Decodable {
  init(from decoder: any Decoder) throws {}
}

/// A database, as the API lists it.
struct DatabaseCard: Decodable {
  var uuid: String
  var name: String
  var version: String?
  var bytes: UInt64?

  private enum CodingKeys: String, CodingKey { case uuid, name, version, bytes = "file_size" }
}

/// The result of one statement of `/raw` or `/query`.
struct StatementAnswer: Decodable {
  struct Rows: Decodable {
    var columns: [String]
    var rows: [[JSONCell]]
  }
  struct Meta: Decodable { var changes: Int64? }

  var rows: Rows?
  var succeeded: Bool
  var error: String
  var meta: Meta?

  /// The result of a successful statement.
  init(_ rows: Rows, changes: Int64) {
    self.rows = rows
    (succeeded, error, meta) = (true, "", Meta(changes: changes))
  }

  private enum Key: String, CodingKey { case results, success, error, meta }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    rows = try container.decodeIfPresent(Rows.self, forKey: .results)
    succeeded = try container.decodeIfPresent(Bool.self, forKey: .success) ?? true
    error = try container.decodeIfPresent(LooseText.self, forKey: .error)?.text ?? ""
    meta = try container.decodeIfPresent(Meta.self, forKey: .meta)
  }
}

/// A value in an answer.
enum JSONCell: Decodable {
  case null
  case text(String)
  case integer(Int64)
  case real(Double)
  case bytes([UInt8])

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    // JSON does not say beforehand what comes: each attempt that fails is only a no.
    if container.decodeNil() {
      self = .null
    } else if let text = try? container.decode(String.self) {
      self = .text(text)
    } else if let number = try? container.decode(Double.self) {
      // All numbers of JavaScript are doubles: what is no integer below 2^53 was none on the other side either.
      self = Int64(exactly: number).map { .integer($0) } ?? .real(number)
    } else {
      self = .bytes(try container.decode([UInt8].self))
    }
  }

  /// The text; nil for anything else.
  var text: String? {
    if case .text(let text) = self { return text }
    return nil
  }

  /// The number; 0 for anything else.
  var number: Int64 {
    switch self {
    case .integer(let number): number
    case .real(let number): Int64(exactly: number) ?? 0
    case .text(let text): Int64(text) ?? 0
    default: 0
    }
  }
}

/// An error, which is a string in some replies and an object in others.
struct LooseText: Decodable {
  var text: String

  private enum Key: String, CodingKey {
    case message, error
    case reset = "D1_RESET_DO"
  }

  init(from decoder: any Decoder) throws {
    // JSON does not say beforehand what comes: each attempt that fails is only a no.
    if let text = try? decoder.singleValueContainer().decode(String.self) {
      self.text = text
      return
    }
    let container = try decoder.container(keyedBy: Key.self)
    if let message = try? container.decode(String.self, forKey: .message) {
      text = message
    } else if let error = try? container.decode(String.self, forKey: .error) {
      text = error
    } else if (try? container.decode(Bool.self, forKey: .reset)) == true {
      text = "{\"D1_RESET_DO\":true}"
    } else {
      text = "an error without a message"
    }
  }
}

/// The state of an export or an import, wherever the reply contains it.
struct TaskAnswer: Decodable {
  var succeeded: Bool
  var status: String
  var error: String
  var bookmark: String?
  var filename: String?
  var uploadURL: String?
  var downloadURL: String?
  var finalBookmark: String?

  private enum Key: String, CodingKey {
    case success, status, error, errors, filename, result
    case bookmark = "at_bookmark"
    case uploadURL = "upload_url"
    case downloadURL = "signed_url"
    case finalBookmark = "final_bookmark"
  }

  private struct Finished: Decodable {
    var filename: String?
    var signed_url: String?
    var final_bookmark: String?
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let finished = try container.decodeIfPresent(Finished.self, forKey: .result)
    succeeded = try container.decodeIfPresent(Bool.self, forKey: .success) ?? true
    status = try container.decodeIfPresent(String.self, forKey: .status) ?? ""
    let errors = try container.decodeIfPresent([LooseText].self, forKey: .errors) ?? []
    error =
      try container.decodeIfPresent(LooseText.self, forKey: .error)?.text
      ?? errors.map(\.text).joined(separator: "; ")
    bookmark = try container.decodeIfPresent(String.self, forKey: .bookmark)
    filename = try container.decodeIfPresent(String.self, forKey: .filename) ?? finished?.filename
    uploadURL = try container.decodeIfPresent(String.self, forKey: .uploadURL)
    downloadURL = try container.decodeIfPresent(String.self, forKey: .downloadURL) ?? finished?.signed_url
    finalBookmark = try container.decodeIfPresent(String.self, forKey: .finalBookmark) ?? finished?.final_bookmark
  }

  /// Whether it reports a failure, in any of the possible ways.
  var hasFailed: Bool { !succeeded || status == "error" }
}

/// A bookmark of Time Travel.
struct BookmarkAnswer: Decodable {
  var bookmark: String
  var previous: String?

  private enum CodingKeys: String, CodingKey { case bookmark, previous = "previous_bookmark" }
}
