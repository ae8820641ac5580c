/// The command line of belay.
package enum BelayCommandLine {
  package static func main() {}
}
