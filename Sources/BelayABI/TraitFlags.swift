import CBelayDriver

/// What a connection can do, yes or no: the `BELAY_T_*` bits of the header. `Traits` has a property for each.
package struct TraitFlags: OptionSet, Sendable, Hashable {
  package let rawValue: UInt32
  package init(rawValue: UInt32) { self.rawValue = rawValue }

  package static let transactions = TraitFlags(rawValue: UInt32(BELAY_T_TXN))
  package static let transactionalDDL = TraitFlags(rawValue: UInt32(BELAY_T_TXN_DDL))
  package static let stableRead = TraitFlags(rawValue: UInt32(BELAY_T_STABLE_READ))
  package static let readOnly = TraitFlags(rawValue: UInt32(BELAY_T_READ_ONLY))
  package static let exclusive = TraitFlags(rawValue: UInt32(BELAY_T_EXCLUSIVE))
  package static let swaps = TraitFlags(rawValue: UInt32(BELAY_T_SWAPS))
  package static let noPromote = TraitFlags(rawValue: UInt32(BELAY_T_NO_PROMOTE))
  package static let altersColumns = TraitFlags(rawValue: UInt32(BELAY_T_ALTERS_COLUMNS))
}
