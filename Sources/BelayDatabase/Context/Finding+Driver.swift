import BelayBase
import BelayDrivers

extension Finding.Severity {
  package init(_ severity: FindingSeverity) {
    switch severity {
    case .error: self = .error
    case .warning: self = .warning
    case .note: self = .note
    }
  }
}
