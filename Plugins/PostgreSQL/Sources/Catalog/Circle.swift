/// Nodes that depend on each other.
enum Circle {
  /// Each set of nodes that are connected by cycles. Dependencies on nodes outside `nodes` are ignored.
  static func all(among nodes: [Int], needs: (Int) -> Set<Int>) -> [[Int]] {
    let members = Set(nodes)
    var search = Search()
    for node in nodes where search.numbers[node] == nil {
      search.walk(from: node) { needs($0).intersection(members) }
    }
    return search.circles
  }

  /// Tarjan's algorithm, with an explicit stack instead of recursion: chains of views can be long.
  private struct Search {
    var numbers: [Int: Int] = [:]
    private(set) var circles: [[Int]] = []
    private var lows: [Int: Int] = [:]
    private var stack: [Int] = []
    private var onStack: Set<Int> = []

    mutating func walk(from start: Int, _ needs: (Int) -> Set<Int>) {
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
          if members.count > 1 { circles.append(members) }
        }
        if let parent = frames.last { lower(parent.node, lows[frame.node]) }
      }
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
