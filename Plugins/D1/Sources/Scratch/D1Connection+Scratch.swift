import BelayDriverKit
import SQLiteDialect

/// Where scratch databases are created.
enum ScratchPlace: String {
  /// In the account; if it does not accept any, on this machine.
  case auto
  /// In the account, or not at all.
  case account
  /// On this machine: a SQLite file instead of D1.
  case local
}

extension D1Connection: ScratchMaking {
  func createScratch(_ name: String, operation: Operation) throws(DriverFailure) -> String {
    try during(operation) { () throws(DriverFailure) in
      try refuseReadOnly()
      let owner = try remote("scratch databases")
      let scratch = try ScratchName(name, of: owner)
      let file = StandInFile(of: scratch.full, in: settings.scratchDirectory)
      guard file?.exists != true else {
        throw DriverFailure(.constraint, "the scratch database \(scratch.full) exists already")
      }
      switch (settings.scratchPlace, file) {
      case (.local, let file?): try ScratchFile.create(file.path)
      case (.local, nil):
        throw DriverFailure(.unsupported, "a copy on this machine needs a folder: set the option scratch_dir")
      case (.account, _): try createInAccount(scratch, owner)
      case (.auto, let file):
        do throws(DriverFailure) {
          try createInAccount(scratch, owner)
        } catch {
          // The token may not create one, or the plan allows no more; nothing was created.
          guard let file, error.code == .denied || error.code == .auth else { throw error }
          watch.log(.warning, "the account does not accept a temporary database: \(error.message)")
          try ScratchFile.create(file.path)
        }
      }
      return scratch.url(account: owner.api.account)
    }
  }

  private func createInAccount(_ scratch: ScratchName, _ owner: RemoteDatabase) throws(DriverFailure) {
    guard try owner.directory.find(scratch.full) == nil else {
      throw DriverFailure(.constraint, "the scratch database \(scratch.full) exists already")
    }
    _ = try owner.directory.create(scratch.full)
  }

  func locateScratch(_ name: String, operation: Operation) throws(DriverFailure) -> String {
    let owner = try remote("scratch databases")
    return try ScratchName(name, of: owner).url(account: owner.api.account)
  }

  func promoteScratch(_ url: String, operation: Operation) throws(DriverFailure) {
    throw DriverFailure(
      .unsupported, "D1 cannot replace one database with another", hint: "use Time Travel")
  }

  /// Looks in both places, because the options may have been different when it was created.
  func dropScratch(_ url: String, operation: Operation) throws(DriverFailure) {
    try during(operation) { () throws(DriverFailure) in
      let owner = try remote("scratch databases")
      let scratch = try ScratchName(url: url, of: owner)
      if let file = StandInFile(of: scratch.full, in: settings.scratchDirectory), file.exists {
        return try ScratchFile.remove(file.path)
      }
      guard let card = try cardOfScratch(scratch, owner) else { return }
      try owner.directory.delete(card.uuid, name: scratch.full)
    }
  }

  /// With scratch databases on this machine, the token does not need permission to list those of the account.
  private func cardOfScratch(_ scratch: ScratchName, _ owner: RemoteDatabase) throws(DriverFailure) -> DatabaseCard? {
    do throws(DriverFailure) {
      return try owner.directory.find(scratch.full)
    } catch {
      guard settings.scratchPlace == .local, error.code == .denied || error.code == .auth else { throw error }
      return nil
    }
  }

  func probe(_ feature: DriverExtension, operation: Operation) throws(DriverFailure) {
    switch feature {
    case .scratch:
      _ = try remote("scratch databases")
      if settings.isReadOnly { throw DriverFailure(.denied, "\(name) is opened read-only") }
    case .rewind: _ = try remote("Time Travel")
    default: break
    }
  }
}
