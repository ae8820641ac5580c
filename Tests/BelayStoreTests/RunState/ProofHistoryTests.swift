import BelayBase
import BelayStore
import Testing

@Suite("The proofs of an archive")
struct ProofHistoryTests {
  private static func proof(_ level: VerificationLevel, _ day: Int, failed: Bool = false) -> ArchiveProof {
    ArchiveProof(
      level: level, at: "2026-11-0\(day)T00:00:00Z", manifest: nil, failure: failed ? "csv/t.csv is damaged" : nil)
  }

  @Test func `the highest level stands, and the last time that it was reached`() {
    let proofs = [
      Self.proof(.read, 1), Self.proof(.restore, 2), Self.proof(.restore, 3), Self.proof(.manifest, 4),
    ]
    #expect(ProofHistory(proofs).standing == proofs[2])
    #expect(ProofHistory(proofs.dropLast(2)).standing == proofs[1])
  }

  @Test func `what was reached before a proof failed does not stand`() {
    let proofs = [Self.proof(.restore, 1), Self.proof(.read, 2, failed: true), Self.proof(.read, 3)]
    #expect(ProofHistory(proofs).standing == proofs[2])
    #expect(ProofHistory(proofs.dropLast()).standing == nil)
  }
}
