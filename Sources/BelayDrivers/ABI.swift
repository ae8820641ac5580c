// Who uses drivers also uses what the ABI names, and the values that drivers give.
@_exported import BelayABI
@_exported import BelayRows
