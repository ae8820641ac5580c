import Foundation

/// belay.yaml, read and checked. Every key is optional, and so is the file.
package struct Configuration: Sendable, Equatable {
  /// A target as the file names it. `${ENV}` in its URL is resolved only when it is used, so that the secrets of one
  /// target need not be there to work with another.
  package struct TargetDefinition: Sendable, Equatable {
    package var name: String
    package var url: String
    /// The line of the URL.
    package var line: Int
    /// For the driver's open.
    package var options: [String: String]
    /// What `belay backup` backs up; nil: all.
    package var scope: BackupScope?

    package init(name: String, url: String, line: Int, options: [String: String], scope: BackupScope? = nil) {
      self.name = name
      self.url = url
      self.line = line
      self.options = options
      self.scope = scope
    }
  }

  /// The file's absolute path; nil: there is none.
  package var file: String?
  /// Where relative paths of the file start: its folder, or the current one.
  package var folder: String
  package var targets: [TargetDefinition] = []
  package var store: String?
  package var migrations = MigrationSettings()
  package var retention = RetentionSettings()
  package var report = ReportSettings()
  package var formats: [BackupFormat]?
  package var checks: [CheckDefinition] = []
  package var audit: [CheckDefinition] = []
  package var plans: [PlanDefinition] = []
  package var spotChecks: [SpotCheckDefinition] = []
  package var hooks: [RunHook] = []
  package var watch = WatchSettings()
  package var contract: ContractMode = .collateral
  package var encryption = EncryptionSettings()
  package var driverPaths: [String] = []
  package var guards: [GuardDefinition] = []
  package var repositories: [RepositoryDefinition] = []

  /// What holds without a file.
  package init(folder: String) { self.folder = folder }

  package static let fileName = "belay.yaml"

  /// The nearest belay.yaml, from a folder upward. nil: there is none.
  package static func find(from folder: String) -> String? {
    var folder = URL(filePath: folder).standardizedFileURL
    while true {
      let file = folder.appending(path: fileName).path(percentEncoded: false)
      if FileManager.default.fileExists(atPath: file) { return file }
      let parent = folder.deletingLastPathComponent().standardizedFileURL
      if parent.path == folder.path { return nil }
      folder = parent
    }
  }

  /// A path of the file, absolute.
  package func absolute(_ path: String) -> String { Self.absolute(path, from: folder) }

  /// An absolute path, without `.` and `..`. `~/` is the home folder.
  package static func absolute(_ path: String, from folder: String) -> String {
    let expanded = path.hasPrefix("~/") ? NSString(string: path).expandingTildeInPath : path
    let whole = expanded.hasPrefix("/") ? expanded : folder + "/" + expanded
    let standard = URL(filePath: whole).standardizedFileURL.path(percentEncoded: false)
    return standard.count > 1 && standard.hasSuffix("/") ? String(standard.dropLast()) : standard
  }
}
