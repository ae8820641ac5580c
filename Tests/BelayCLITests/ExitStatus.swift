import BelayCore

// Swift Testing has a type of that name too; in this module belay's is meant.
typealias ExitStatus = BelayCore.ExitStatus
