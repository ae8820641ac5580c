import Foundation

/// libFuzzer's own loop; it ends the process.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
  _ count: UnsafeMutablePointer<CInt>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
  _ test: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

guard let name = ProcessInfo.processInfo.environment["BELAY_FUZZ_TARGET"], let chosen = FuzzTarget(rawValue: name)
else {
  print(FuzzTarget.allCases.map(\.rawValue).joined(separator: "\n"))
  exit(0)
}
let target = chosen
var count = CommandLine.argc
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
exit(
  runDriver(&count, &arguments) { start, count in
    target.test(UnsafeRawBufferPointer(start: start, count: count))
    return 0
  })
