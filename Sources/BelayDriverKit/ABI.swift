// The kit includes the ABI's names, hex and quoting: an author only imports BelayDriverKit.
@_exported import BelayABI
@_exported import BelayRows
