import BelayBase
import BelayDrivers

extension IntegrityFinding {
  package var finding: Finding {
    Finding(
      .error, source: "integrity", rule: check, subject: object,
      message: identity.map { "\(message) (row \($0))" } ?? message)
  }
}
