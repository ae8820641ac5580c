import BelayBase
import SystemPackage

/// Journals say which databases to overwrite and which to drop, so that whoever can write to the store can do both. Only
/// root and the user may.
extension RunState {
  /// - Throws: `.refused` where somebody else could have written what runs keep here. What is not there yet is no reason.
  package func checkOwnership() throws(BelayError) {
    // A person may lead to the store by a link; what belay itself makes in it is never one.
    if let flaw = OwnFolder.flaw(of: root, mayBeLink: true) { throw refusal("the store \(root)", flaw) }
    for folder in [
      runsFolder, locksFolder, indexFolder, failedFolder, proofsFolder, pinsFolder, copiesFolder, elsewhereFolder,
      troublesFolder,
      signaturesFolder,
    ] {
      if let flaw = OwnFolder.flaw(of: folder) { throw refusal("the folder \(folder)", flaw) }
    }
    do throws(FileFlaw) {
      try RegularFile.open(auditLog, trust: .ownFile).closeOrIgnore()
    } catch {
      if !error.isMissing { throw refusal("the audit log \(auditLog)", error) }
    }
  }

  private func refusal(_ what: String, _ flaw: FileFlaw) -> BelayError {
    let mend =
      flaw.cure.map { "look at what is in it, then: \($0)" }
      ?? "look at who made it; or choose another store with --store"
    return BelayError(.refused, "\(what) \(flaw.text)", hint: mend, state: "nothing was done")
  }

  /// What the journal of a run says, if nobody else could have written it: it lies in the run's own folder, and both belong
  /// to root or the user. Otherwise only why nothing in it is believed.
  func contents(of id: String) -> Journal.Contents {
    if let flaw = OwnFolder.flaw(of: folder(of: id)) {
      return untrusted("the folder \(folder(of: id)) \(flaw.text)", flaw)
    }
    let contents = Journal.contents(journal(of: id))
    guard let record = contents.record, record.id != id else { return contents }
    return untrusted("the journal \(journal(of: id)) is of the run \(record.id)", nil)
  }

  private func untrusted(_ message: String, _ flaw: FileFlaw?) -> Journal.Contents {
    Journal.Contents(
      damage: BelayError(
        .refused, message,
        hint: "if it is a run of yours, mend that\(flaw?.cure.map { ": \($0)" } ?? ""); else move it away"))
  }
}

extension FileDescriptor {
  /// It was only read, so that a failed close loses nothing.
  fileprivate func closeOrIgnore() { try? close() }
}
