/// Why no folder was created.
package enum ScaffoldError: Error, Equatable {
  case oddName(String)
  case exists(String)
  case noKit(String)
  case needsNoKit(String)
  case notWritten(String, String)

  package var message: String {
    switch self {
    case .oddName(let name): "\(name) is not a valid name for a driver"
    case .exists(let folder): "\(folder) already exists"
    case .noKit(let folder): "\(folder) does not contain belay's sources: there is no Sources/BelayDriverKit in it"
    case .needsNoKit: "a driver in C needs no kit"
    case .notWritten(let folder, let reason): "\(folder) cannot be written: \(reason)"
    }
  }

  package var hint: String? {
    switch self {
    case .oddName:
      "the name is used in file names and URLs: 2 to 40 lowercase letters, digits and single dashes, starting with a letter"
    case .exists: "choose another name, or remove it first"
    case .noKit: "give the folder of a clone of belay's repository with --kit"
    case .needsNoKit: "omit --kit"
    case .notWritten: nil
    }
  }
}
