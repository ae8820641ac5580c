import ArgumentParser

/// A command on a target.
struct TargetArgument: ParsableArguments {
  @Argument(
    help: "A URL (such as sqlite:shop.db) or a name in belay.yaml. Can be omitted if belay.yaml has only one target.",
    completion: .target)
  var target: String?
}
