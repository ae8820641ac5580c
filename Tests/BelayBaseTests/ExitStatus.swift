import BelayBase

// Swift Testing has a type of that name too; in this module belay's is meant.
typealias ExitStatus = BelayBase.ExitStatus
