import BelayBase
import BelayDatabase
import BelayDrivers
import Foundation
import SystemPackage

/// Who carried a run out, and with what.
package struct RunFacts: Codable, Sendable, Equatable {
  package var user: String
  package var host: String
  /// The target's name in belay.yaml, if it has one.
  package var name: String?
  package var belay: String
  /// "sqlite 0.1"
  package var driver: String
  /// "SQLite 3.40.1"; empty where nothing was opened.
  package var server: String
  package var store: String

  package init(
    user: String, host: String, name: String?, belay: String, driver: String, server: String, store: String
  ) {
    self.user = user
    self.host = host
    self.name = name
    self.belay = belay
    self.driver = driver
    self.server = server
    self.store = store
  }
}

extension RunFacts {
  init(_ access: TargetAccess, _ connection: Connection, store: FilePath) {
    let traits = connection.traits
    self.init(
      user: NSUserName(), host: ProcessInfo.processInfo.hostName, name: access.target.name, belay: Belay.version,
      driver: "\(access.driver.id) \(access.driver.version)", server: "\(traits.serverName) \(traits.serverVersion)",
      store: store.string)
  }

  /// Label and value of each.
  var entries: [(label: String, value: String)] {
    [
      ("user", "\(user) on \(host)"), ("name", name ?? ""), ("server", server), ("driver", driver), ("belay", belay),
      ("store", store),
    ].filter { !$0.value.isEmpty }
  }
}
