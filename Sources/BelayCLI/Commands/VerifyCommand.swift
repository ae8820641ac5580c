import ArgumentParser
import BelayBase
import BelayCore

struct VerifyCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Prove that an archive is complete and undamaged, or that it can be restored.",
    discussion: """
      manifest: checks names, sizes and checksums. read: also decodes every member and checks the engine's dump. restore: \
      restores the archive into a scratch database and compares the schema and the digest of every table. Exits with 21 if the \
      verification fails.

      --all verifies every archive of the store, one after the other: first those that were never proven at that level, \
      then those whose proof is oldest. With --budget no other one is begun after that time; the next call goes on with the \
      rest. Each result is recorded. Exits with 21 if one of them fails.

      Example:
        belay verify latest --level restore
        belay verify --all --level restore --budget 2h
      """)

  @Argument(
    help:
      "The archive's id, a unique beginning of it, `latest` or `oldest` (`latest:TARGET` if the store has several targets).",
    completion: .archive
  ) var id: String?
  @Option(name: .long, help: "How thoroughly: manifest, read or restore.") var level: VerificationLevel = .read
  @Option(
    name: .long,
    help: """
      For `restore`: the target that provides the scratch database. Default: the archive's own target. With --all: only \
      archives of this target.
      """, completion: .target)
  var target: String?
  @Flag(name: .long, help: "Verify every archive of the store.") var all = false
  @Option(
    name: .long,
    help: ArgumentHelp("With --all: begin no other archive after that time, such as 30m or 2h.", valueName: "time"))
  var budget: String?
  @Flag(
    name: .long,
    help:
      "For `restore`: restore an archive that this store has not made. What it contains runs with your rights on the server."
  )
  var trust = false
  @OptionGroup var keys: KeyOptions
  @OptionGroup var repository: RepositoryOption
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    guard (id == nil) == all else {
      throw ValidationError(all ? "give either an archive or --all" : "which archive? Give an id, `latest`, or --all")
    }
    guard let budget else { return }
    guard all else { throw ValidationError("--budget needs --all") }
    guard DurationText.seconds(budget) != nil else {
      throw ValidationError("--budget is `\(budget)`, which is not a duration: write 30m or 2h")
    }
  }

  func perform(in session: Session) throws(BelayError) -> ExitStatus {
    let configuration = try session.configuration()
    var settings = try session.settings(configuration, repository)
    keys.apply(to: &settings, in: session)
    guard let id else {
      return try StoreVerification(
        session: session, configuration: configuration, settings: settings, level: level, target: target, trust: trust,
        budget: budget.flatMap(DurationText.seconds)
      ).run()
    }
    let work = Job.Work.verify(request(session.archive(id)))
    switch level {
    case .manifest, .read:
      return session.runHere(work, settings: settings)
    case .restore:
      let chosen = try session.target(target, ofArchive: session.archive(id), in: configuration, settings)
      return try session.run(work, target: chosen, settings: settings)
    }
  }

  private func request(_ id: String) -> VerifyRequest {
    var request = VerifyRequest(id: id, level: level)
    request.trust = trust
    return request
  }
}
