package struct GuardRequest: Codable, Sendable, Equatable {
  /// The command and its arguments, as typed.
  package var command: [String]
  /// The folder that it runs in. Absolute.
  package var folder: String
  /// Variables of its environment that hold the database's URL.
  package var urlVariables: [String] = []
  /// A file that holds it while the command runs. Absolute; nil: none.
  package var urlFile: String?
  package var plan = false
  package var rehearse = true
  /// Names of tables, or of other objects that may go.
  package var allowLoss: [String] = []
  /// Names of tables whose rows may change.
  package var allowChange: [String] = []
  /// `rows(TABLE) = before`
  package var expectations: [String] = []
  /// End the sessions of others right before the command runs.
  package var terminate = false
  /// The archive to use in place of a new backup; nil: make one.
  package var backup: String?
  package var trust = false
  /// How long it may go on after a signal, before it is ended.
  package var graceSeconds = Self.usualGraceSeconds
  package static let usualGraceSeconds = 10
  /// The caller's process group, to which a terminal sends its signals; nil: not known.
  package var group: Int32?
  /// Descriptors of the worker's that lead to the caller's stdin and stdout; nil: it has none.
  package var input: Int32?
  package var output: Int32?

  package init(command: [String], folder: String) {
    self.command = command
    self.folder = folder
  }
}

extension GuardRequest {
  /// In an argument it stands for the database's URL.
  package static let urlPlace = "{url}"
  package static let usualVariable = "DATABASE_URL"

  /// The URL is an argument, which every user of the machine can read.
  package var hasURLArgument: Bool { command.contains { $0.contains(Self.urlPlace) } }
}
