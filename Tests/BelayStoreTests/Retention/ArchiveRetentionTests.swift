import BelayArchive
import BelayBase
import Foundation
import Testing

@testable import BelayStore

@Suite("What retention keeps, and why")
struct ArchiveRetentionTests {
  private let now = Date(timeIntervalSince1970: 1_800_000_000)

  private func archive(
    _ id: String, days: Double, kind: ArchiveKind = .beforeMigration, target: String = "shop",
    proof: VerificationLevel? = nil, failure: String? = nil
  ) -> ArchiveFacts {
    let proofs = proof.map { [ArchiveProof(level: $0, at: "", manifest: nil, failure: failure)] } ?? []
    return ArchiveFacts(
      id: id, made: now - days * 86_400, kind: kind, identity: target, target: target, url: "url:\(target)",
      proofs: ProofHistory(proofs))
  }

  private func removed(_ archives: [ArchiveFacts], _ change: (inout ArchiveRetention) -> Void = { _ in }) -> [String] {
    var retention = ArchiveRetention(RetentionSettings(), now: now)
    change(&retention)
    return retention.decide(archives).filter(\.isRemoved).map(\.id)
  }

  /// Five of migrations, all older than 30 days before the newest; `e` is the newest.
  private var five: [ArchiveFacts] {
    zip(["a", "b", "c", "d", "e"], [400.0, 300, 200, 100, 1]).map { archive($0, days: $1) }
  }

  @Test func `of a migration's archives the last 3 stay, and a person's are kept without a policy`() {
    #expect(removed(five) == ["a", "b"])
    #expect(removed(five.map { archive($0.id, days: 400, kind: .manual) }) == [])
  }

  @Test func `the newest one proven by restoring stays, also where newer ones are only read or are bad`() {
    var archives = five
    archives[0] = archive("a", days: 400, proof: .restore)
    archives[1] = archive("b", days: 300, proof: .read)
    #expect(removed(archives) == ["b"])
    archives[4] = archive("e", days: 1, proof: .restore, failure: "damaged")
    // The bad one takes no place among the last 3, and is for a person to look at.
    #expect(removed(archives) == [])
    archives[0] = archive("a", days: 400, proof: .read)
    archives[1] = archive("b", days: 300, proof: .restore)
    archives[4] = archive("e", days: 1, proof: .restore)
    #expect(removed(archives) == ["a", "b"])
  }

  @Test func `the newest one of the whole database stays where newer ones hold the part that belay.yaml names`() {
    var archives = five
    archives[0] = archive("a", days: 400, proof: .restore)
    for index in 2...4 { archives[index].isWhole = false }
    #expect(removed(archives) == ["b"])
    archives[4] = archive("e", days: 1, proof: .restore)
    archives[4].isWhole = false
    let decisions = ArchiveRetention(RetentionSettings(), now: now).decide(archives)
    #expect(decisions.filter(\.isRemoved).map(\.id) == ["b"])
    #expect(decisions[0].reasons == ["the newest one of the whole database of its target that is proven by restoring"])
  }

  @Test func `a pin, an open run, and a backup that failed each keep an archive`() {
    var pinned = five
    pinned[0].pin = Pin(at: "", user: "anna", reason: nil)
    #expect(removed(pinned) == ["b"])
    #expect(removed(five) { $0.needs.need("b", "run x needs it") } == ["a"])
    let trouble = BackupTrouble(url: "url:shop", identity: nil, at: "", what: "the disk is full")
    let others = zip(five, [400.0, 300, 200, 100, 1]).map { archive("other-\($0.id)", days: $1, target: "other") }
    #expect(removed(five + others) { $0.troubles = [trouble] } == ["other-a", "other-b"])
  }

  @Test func `what cannot be read, and what a stranger made, stays and takes no place`() {
    var archives = five
    archives[4].damage = "cut off"
    archives[3].strangeness = "no signature"
    #expect(removed(archives) == [])
    #expect(removed(archives + [archive("f", days: 0.5)]) == ["a"])
  }

  @Test func `an archive of a failed run goes after 24 hours, and takes no place among the last`() {
    var archives = five + [archive("f", days: 0.9), archive("g", days: 1.1), archive("h", days: 0.1)]
    for index in [5, 6] { archives[index].isOfFailedRun = true }
    archives[6].made = now - 1.1 * 86_400
    #expect(removed(archives) == ["a", "b", "c", "g"])
  }

  /// 400 random stores, of which whatever the policy says nothing may go that is protected.
  @Test func `what must never go never goes`() throws {
    var random = SeededGenerator(seed: 20_261_129)
    for _ in 0..<400 {
      var archives = (0..<Int.random(in: 0...25, using: &random)).map { index in
        var archive = archive(
          "\(index)", days: .random(in: 0...900, using: &random), kind: ArchiveKind.all.randomElement(using: &random)!,
          target: ["shop", "other"].randomElement(using: &random)!,
          proof: [nil, .manifest, .read, .restore].randomElement(using: &random)!,
          failure: .random(in: 0...5, using: &random) == 0 ? "bad" : nil)
        if .random(in: 0...6, using: &random) == 0 { archive.pin = Pin(at: "", user: "x", reason: nil) }
        if .random(in: 0...6, using: &random) == 0 { archive.isOfFailedRun = true }
        if .random(in: 0...2, using: &random) == 0 { archive.isWhole = false }
        if .random(in: 0...9, using: &random) == 0 { archive.strangeness = "strange" }
        if .random(in: 0...9, using: &random) == 0 { archive.damage = "damaged" }
        return archive
      }
      archives.sort { ($0.made ?? now) < ($1.made ?? now) }
      var settings = RetentionSettings()
      let policy = try RetentionPolicy(counts: [.last: .most(.random(in: 1...3, using: &random))])
      for kind in RetentionSettings.kinds { settings.archives[kind] = policy }
      settings.failedRunsSeconds = 0
      var retention = ArchiveRetention(settings, now: now)
      let needed = archives.randomElement(using: &random)?.id
      if let needed { retention.needs.need(needed, "an open run") }
      let isInTrouble = Bool.random(using: &random)
      if isInTrouble { retention.troubles = [BackupTrouble(url: "", identity: "other", at: "", what: "failed")] }
      let decisions = retention.decide(archives)
      #expect(decisions.map(\.id) == archives.map(\.id) && decisions.allSatisfy { !$0.reasons.isEmpty })
      let gone = Set(decisions.filter(\.isRemoved).map(\.id))
      #expect(needed.map { !gone.contains($0) } ?? true)
      for archive in archives where gone.contains(archive.id) {
        #expect(archive.pin == nil && archive.damage == nil && archive.strangeness == nil)
        #expect(!(isInTrouble && archive.identity == "other"))
      }
      for target in ["shop", "other"] {
        let good = archives.filter {
          $0.identity == target && $0.damage == nil && $0.strangeness == nil && $0.kind.isBackup
            && $0.proofs.failure == nil
        }
        let proven = good.last { $0.proofs.isProvenByRestoring }
        #expect(proven.map { !gone.contains($0.id) } ?? true)
        #expect(good.isEmpty || good.contains { !gone.contains($0.id) })
        let whole = good.filter(\.isWhole)
        #expect(whole.isEmpty || whole.contains { !gone.contains($0.id) })
      }
    }
  }
}

/// The same numbers in every run.
private struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// SplitMix64.
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}
