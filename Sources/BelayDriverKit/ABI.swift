// What the ABI names comes with the kit: an author imports BelayDriverKit and nothing else.
@_exported import BelayABI
