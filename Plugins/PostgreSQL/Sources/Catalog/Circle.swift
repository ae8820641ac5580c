/// Nodes that need each other.
enum Circle {
  /// Every node of one circle, all of those that are woven together with it, and nothing outside needed: what is needed
  /// outside has circles of its own, which come first. `nodes` must not be empty, and each must be part of a circle or need one.
  static func find(in nodes: [Int], needs: (Int) -> Set<Int>) -> [Int] {
    var search = Search()
    for node in nodes where search.numbers[node] == nil {
      if let circle = search.walk(from: node, needs) { return circle }
    }
    return nodes
  }

  /// Tarjan's search, with a stack of its own instead of recursion: chains of views can be long.
  private struct Search {
    var numbers: [Int: Int] = [:]
    private var lows: [Int: Int] = [:]
    private var stack: [Int] = []
    private var onStack: Set<Int> = []

    /// The first set of nodes that is complete is one that needs nothing of the others.
    mutating func walk(from start: Int, _ needs: (Int) -> Set<Int>) -> [Int]? {
      var frames: [(node: Int, rest: [Int])] = [(start, enter(start, needs))]
      while var frame = frames.popLast() {
        if let next = frame.rest.popLast() {
          frames.append(frame)
          if numbers[next] == nil {
            frames.append((next, enter(next, needs)))
          } else if onStack.contains(next) {
            lower(frame.node, numbers[next])
          }
          continue
        }
        if lows[frame.node] == numbers[frame.node] {
          let members = take(downTo: frame.node)
          if members.count > 1 { return members }
        }
        if let parent = frames.last { lower(parent.node, lows[frame.node]) }
      }
      return nil
    }

    private mutating func enter(_ node: Int, _ needs: (Int) -> Set<Int>) -> [Int] {
      numbers[node] = numbers.count
      lows[node] = numbers[node]
      stack.append(node)
      onStack.insert(node)
      return needs(node).sorted(by: >)
    }

    private mutating func lower(_ node: Int, _ number: Int?) {
      if let number, let low = lows[node], number < low { lows[node] = number }
    }

    private mutating func take(downTo node: Int) -> [Int] {
      var members: [Int] = []
      while let last = stack.popLast() {
        onStack.remove(last)
        members.append(last)
        if last == node { break }
      }
      return members
    }
  }
}
