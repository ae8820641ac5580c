// Code that uses drivers also needs the ABI's names and the values that drivers return.
@_exported import BelayABI
@_exported import BelayRows
