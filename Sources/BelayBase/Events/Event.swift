/// One thing that a run tells while it goes on. The terminal, `--json` and the log are renderers of this one stream.
///
/// On the wire each is one line of JSON with the member `event` beside the payload's own:
/// `{"event":"phase","phase":"backup","detail":"…"}`. The stream ends in exactly one `result`.
package enum Event: Sendable, Equatable {
  case run(RunStarted)
  case loading(DriverLoading)
  case phase(PhaseStarted)
  case progress(ProgressUpdate)
  case estimate(RunEstimate)
  case log(LogLine)
  case finding(Finding)
  case diagnosis(Diagnosis)
  case check(CheckResult)
  case section(Section)
  case observed(ObservedTable)
  case difference(TableDifference)
  case migration(MigrationStatus)
  case tableCopy(TableCopyStatus)
  case command(CommandStarted)
  case question(Question)
  case result(RunResult)
}

/// A run has an id and a journal from here on: whoever reads the stream can recover it if this process dies.
package struct RunStarted: Codable, Sendable, Equatable {
  package var id: String
  /// Path of the journal.
  package var journal: String

  package init(id: String, journal: String) {
    self.id = id
    self.journal = journal
  }
}

/// A driver's own code is about to run for the first time: should this process die, the driver is known.
package struct DriverLoading: Codable, Sendable, Equatable {
  package var driver: String
  package var path: String

  package init(driver: String, path: String) {
    self.driver = driver
    self.path = path
  }
}

/// The stations of a change, in their order.
package enum Phase: String, Codable, Sendable, CaseIterable {
  case preflight, audit, backup, verify, rehearse, confirm, apply, check, commit, back = "rollback", prove, report,
    recover, restore, store
}

/// A station is reached.
package struct PhaseStarted: Codable, Sendable, Equatable {
  package var phase: Phase
  /// What is worked on, e.g. "3 migrations". May be empty.
  package var detail: String

  package init(_ phase: Phase, _ detail: String = "") {
    self.phase = phase
    self.detail = detail
  }
}

/// How far a piece of work has come. The last one of a piece has `done == total`.
package struct ProgressUpdate: Codable, Sendable, Equatable {
  package enum Unit: String, Codable, Sendable {
    case bytes, rows, steps
    /// The driver's own, of which only the share is known; bytes where the total is unknown.
    case driver
  }
  /// What is counted, e.g. "copying app.db". Pieces that go on at once differ in it.
  package var what: String
  package var done: UInt64
  /// 0 where unknown.
  package var total: UInt64
  package var unit: Unit
  /// true: the work on this piece has ended, however much of it was told; else nil.
  package var ended: Bool?

  package init(what: String, done: UInt64, total: UInt64, unit: Unit, ended: Bool? = nil) {
    self.what = what
    self.done = done
    self.total = total
    self.unit = unit
    self.ended = ended
  }

  /// Nothing more will be told of it.
  package var isOver: Bool { ended ?? (total > 0 && done >= total) }
}

/// A line for the log.
package struct LogLine: Codable, Sendable, Equatable {
  package enum Level: String, Codable, Sendable { case debug, info, notice, warning, error }
  package var level: Level
  package var message: String

  package init(_ level: Level, _ message: String) {
    self.level = level
    self.message = message
  }
}

/// A command of somebody else's is about to run: the terminal is its own until the next phase.
package struct CommandStarted: Codable, Sendable, Equatable {
  /// Without secrets.
  package var command: String
  /// On a copy, and not on the target.
  package var isRehearsal: Bool

  package init(command: String, isRehearsal: Bool) {
    self.command = command
    self.isRehearsal = isRehearsal
  }
}

/// The run waits for an answer: `Answer`, one line of JSON, comes back.
package struct Question: Codable, Sendable, Equatable {
  package enum Kind: String, Codable, Sendable {
    /// yes or no; no unless the person types yes.
    case yesNo
    /// A code to type exactly as shown.
    case code
  }
  package var id: Int
  package var kind: Kind
  package var text: String

  package init(id: Int, kind: Kind, text: String) {
    self.id = id
    self.kind = kind
    self.text = text
  }
}

extension Event: Codable {
  private enum Key: String, CodingKey { case event }
  private enum Name: String, Codable {
    case run, loading, phase, progress, estimate, log, finding, diagnosis, check, section, observed, difference
    case migration, command, question, result
    case tableCopy = "table_copy"
  }

  package init(from decoder: any Decoder) throws {
    let name = try decoder.container(keyedBy: Key.self).decode(Name.self, forKey: .event)
    switch name {
    case .run: self = .run(try RunStarted(from: decoder))
    case .loading: self = .loading(try DriverLoading(from: decoder))
    case .phase: self = .phase(try PhaseStarted(from: decoder))
    case .progress: self = .progress(try ProgressUpdate(from: decoder))
    case .estimate: self = .estimate(try RunEstimate(from: decoder))
    case .log: self = .log(try LogLine(from: decoder))
    case .finding: self = .finding(try Finding(from: decoder))
    case .diagnosis: self = .diagnosis(try Diagnosis(from: decoder))
    case .check: self = .check(try CheckResult(from: decoder))
    case .section: self = .section(try Section(from: decoder))
    case .observed: self = .observed(try ObservedTable(from: decoder))
    case .difference: self = .difference(try TableDifference(from: decoder))
    case .migration: self = .migration(try MigrationStatus(from: decoder))
    case .tableCopy: self = .tableCopy(try TableCopyStatus(from: decoder))
    case .command: self = .command(try CommandStarted(from: decoder))
    case .question: self = .question(try Question(from: decoder))
    case .result: self = .result(try RunResult(from: decoder))
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    let (name, payload): (Name, any Encodable) =
      switch self {
      case .run(let value): (.run, value)
      case .loading(let value): (.loading, value)
      case .phase(let value): (.phase, value)
      case .progress(let value): (.progress, value)
      case .estimate(let value): (.estimate, value)
      case .log(let value): (.log, value)
      case .finding(let value): (.finding, value)
      case .diagnosis(let value): (.diagnosis, value)
      case .check(let value): (.check, value)
      case .section(let value): (.section, value)
      case .observed(let value): (.observed, value)
      case .difference(let value): (.difference, value)
      case .migration(let value): (.migration, value)
      case .tableCopy(let value): (.tableCopy, value)
      case .command(let value): (.command, value)
      case .question(let value): (.question, value)
      case .result(let value): (.result, value)
      }
    try container.encode(name, forKey: .event)
    try payload.encode(to: encoder)
  }
}
