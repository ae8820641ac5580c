/// Why no folder was made.
package enum ScaffoldError: Error, Equatable {
  case oddName(String)
  case exists(String)
  case noKit(String)
  case needsNoKit(String)
  case notWritten(String, String)

  package var message: String {
    switch self {
    case .oddName(let name): "\(name) is no name for a driver"
    case .exists(let folder): "\(folder) is there already"
    case .noKit(let folder): "\(folder) does not hold belay's sources: there is no Sources/BelayDriverKit in it"
    case .needsNoKit: "a driver in C needs no kit"
    case .notWritten(let folder, let reason): "\(folder) cannot be written: \(reason)"
    }
  }

  package var hint: String? {
    switch self {
    case .oddName:
      "it is part of a file's name and of URLs: lowercase letters and digits, a letter first, single dashes between, "
        + "2 to 40 of them"
    case .exists: "choose another name, or remove it first"
    case .noKit: "name the folder of a clone of belay's repository"
    case .needsNoKit: "leave out --kit"
    case .notWritten: nil
    }
  }
}
