/// An enum whose raw values are constants of the header: each case names its constant, so that no number is repeated.
public protocol HeaderConstant: RawRepresentable, CaseIterable, Hashable, Sendable where RawValue: Equatable {}

extension HeaderConstant {
  /// The case with this number; nil if this version of the ABI has none.
  public init?(rawValue: RawValue) {
    guard let known = Self.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
    self = known
  }
}
