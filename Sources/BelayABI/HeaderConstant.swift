/// An enum whose numbers are constants of the header: each case names its constant, so that no number is written twice.
public protocol HeaderConstant: RawRepresentable, CaseIterable, Hashable, Sendable where RawValue: Equatable {}

extension HeaderConstant {
  /// The case with this number; nil where this version of the ABI has none.
  public init?(rawValue: RawValue) {
    guard let known = Self.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
    self = known
  }
}
