// Who uses drivers also uses what the ABI names.
@_exported import BelayABI
