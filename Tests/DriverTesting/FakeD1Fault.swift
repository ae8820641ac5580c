/// A kind of call, as the fake D1 counts it. A call that carries current_bookmark is a poll.
package enum FakeD1Call: String, CaseIterable, Sendable {
  case listDatabases = "list_databases"
  case createDatabase = "create_database"
  case getDatabase = "get_database"
  case deleteDatabase = "delete_database"
  case query
  case raw
  case bookmark
  case restore
  case exportStart = "export_start"
  case exportPoll = "export_poll"
  case importInit = "import_init"
  case importIngest = "import_ingest"
  case importPoll = "import_poll"
  /// To signed URLs.
  case download
  case upload
}

/// Something that goes wrong at a call of the fake D1 (Tests/FakeD1/faults.py says what each kind does, and its details).
package struct FakeD1Fault: Sendable {
  package enum Kind: String, CaseIterable, Sendable {
    case rateLimit = "rate_limit"
    case status
    case upstream
    case html
    case transient
    case cut
    case cutBody = "cut_body"
    case short
    case wrongLength = "wrong_length"
    case corrupt
    case wrongETag = "wrong_etag"
    case missingETag = "missing_etag"
    case expiredURL = "expired_url"
    case vanishedTask = "vanished_task"
    case taskError = "task_error"
    case write
    case slow
  }

  package let body: [String: any Sendable]

  /// calls: empty is every kind. at: the how manieth such call from now, 1 is the next. times: how many in a row, nil is
  /// every one from then on. every: only each so manieth of them. workDone: the call does its work all the same, though its
  /// answer is another.
  package init(
    _ kind: Kind, _ calls: FakeD1Call..., at: Int = 1, times: Int? = 1, every: Int = 1, workDone: Bool = false,
    details: [String: any Sendable] = [:]
  ) {
    let names = calls.isEmpty ? ["any"] : calls.map(\.rawValue)
    let own: [String: any Sendable] = [
      "call": names, "do": kind.rawValue, "at": at, "times": times ?? 0, "every": every,
      "work": workDone ? "done" : "undone",
    ]
    body = details.merging(own) { _, own in own }
  }
}

extension FakeD1Fault {
  /// What can go wrong with any call, and passes.
  package static let passing: [Kind] = [
    .rateLimit, .status, .upstream, .html, .transient, .cut, .cutBody, .short, .wrongLength,
  ]

  /// Of so many calls one goes wrong, for ever, in each of these ways in turn: with its work done, and without.
  package static func storm(every distance: Int) -> [FakeD1Fault] {
    let ways = passing.flatMap { kind in (kind == .rateLimit ? [false] : [false, true]).map { (kind, $0) } }
    return ways.enumerated().map { number, way in
      FakeD1Fault(
        way.0, at: (number + 1) * distance, times: nil, every: ways.count * distance, workDone: way.1,
        details: way.0 == .rateLimit ? ["seconds": 0] : [:])
    }
  }
}
