// What the ABI names comes with the kit, and so do hex and quoting: an author imports BelayDriverKit and nothing else.
@_exported import BelayABI
@_exported import BelayRows
