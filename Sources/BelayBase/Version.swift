/// belay's own version, as `belay --version` prints it and manifests record it.
package enum Belay {
  package static let version = "0.1.0"
}
