/// `${NAME}` in a target's URL, so that secrets stay out of belay.yaml.
package enum EnvironmentVariables {
  /// Why a text could not be resolved.
  package enum Failure: Error, Equatable {
    case unset(String)
    /// A `${` without its `}`, or a name that no variable can have.
    case malformed(String)
  }

  /// Puts the values in. An unset variable is a failure and not an empty text: `postgres://user:@host` would look right.
  package static func resolve(_ text: String, in environment: [String: String]) throws(Failure) -> String {
    var resolved = ""
    var rest = text[...]
    while let start = rest.firstRange(of: "${") {
      resolved += rest[..<start.lowerBound]
      guard let end = rest[start.upperBound...].firstIndex(of: "}") else {
        throw .malformed(String(rest[start.lowerBound...]))
      }
      let name = String(rest[start.upperBound..<end])
      guard !name.isEmpty, name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }) else {
        throw .malformed("${\(name)}")
      }
      guard let value = environment[name] else { throw .unset(name) }
      resolved += value
      rest = rest[rest.index(after: end)...]
    }
    return resolved + rest
  }
}
