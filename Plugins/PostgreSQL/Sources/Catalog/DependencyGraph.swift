/// Orders objects by their dependencies. Among the objects whose dependencies are met, the one with the lowest rank,
/// then with the lowest key, comes first, so that a copy of a database, with other OIDs, has the same order.
///
/// Cycles are broken as pg_dump does it: a stub of the same name and shape replaces a view, a function or a type until
/// everything that it needs is there.
struct DependencyGraph {
  struct Node {
    var rank: Int
    var key: [String]
    var needs: Set<Int> = []
    /// Preferred before this node, unless that makes a cycle.
    var likes: Set<Int> = []
    /// What a stub of it needs; nil: there can be no stub.
    var stubNeeds: Set<Int>?
    /// The node that this one is a stub of.
    var standsFor: Int?
  }

  private(set) var nodes: [Node] = []
  /// Cycles that had to be cut at an arbitrary place: a replay of the ddl may fail at these objects.
  private(set) var cuts: [(node: Int, need: Int)] = []

  mutating func add(_ node: Node) -> Int {
    nodes.append(node)
    return nodes.count - 1
  }

  mutating func require(_ need: Int, before node: Int) {
    if need != node { nodes[node].needs.insert(need) }
  }

  mutating func prefer(_ wish: Int, before node: Int) {
    if wish != node { nodes[node].likes.insert(wish) }
  }

  mutating func allowStub(of node: Int, needing needs: Set<Int>) { nodes[node].stubNeeds = needs }

  /// All nodes, and the stubs that were needed. Cycles are broken first: their objects must not come after everything
  /// else.
  mutating func sorted() -> [Int] {
    var suspects = Array(nodes.indices)
    while true {
      let circles = Circle.all(among: suspects) { nodes[$0].needs.union(nodes[$0].likes) }
      if circles.isEmpty { return run() }
      let first = nodes.count
      for circle in circles { cut(circle) }
      suspects = circles.flatMap(\.self) + Array(first..<nodes.count)
    }
  }

  /// Each node's position by rank and key, which is cheaper to compare than rank and key.
  private func places() -> [Int] {
    let byKey = nodes.indices.sorted {
      if nodes[$0].rank != nodes[$1].rank { return nodes[$0].rank < nodes[$1].rank }
      if nodes[$0].key != nodes[$1].key { return nodes[$0].key.lexicographicallyPrecedes(nodes[$1].key) }
      return $0 < $1
    }
    var places = [Int](repeating: 0, count: nodes.count)
    for (place, node) in byKey.enumerated() { places[node] = place }
    return places
  }

  private func run() -> [Int] {
    let places = places()
    var order: [Int] = []
    var waiting = [Int](repeating: 0, count: nodes.count)
    var waiters = [[Int]](repeating: [], count: nodes.count)
    var free = PlaceHeap()
    var byPlace = [Int](repeating: 0, count: nodes.count)
    for (node, place) in places.enumerated() { byPlace[place] = node }
    for node in nodes.indices {
      for need in nodes[node].needs.union(nodes[node].likes) {
        waiting[node] += 1
        waiters[need].append(node)
      }
      if waiting[node] == 0 { free.insert(places[node]) }
    }
    while let place = free.removeLeast() {
      let node = byPlace[place]
      order.append(node)
      for waiter in waiters[node] {
        waiting[waiter] -= 1
        if waiting[waiter] == 0 { free.insert(places[waiter]) }
      }
    }
    return order
  }

  /// Drops a preference first, then uses a stub; if no node can have a stub, drops any dependency.
  private mutating func cut(_ circle: [Int]) {
    let members = Set(circle)
    if circle.contains(where: { !nodes[$0].likes.isDisjoint(with: members) }) {
      for node in circle { nodes[node].likes.subtract(members) }
      return
    }
    let order = circle.sorted {
      nodes[$0].rank != nodes[$1].rank
        ? nodes[$0].rank < nodes[$1].rank : nodes[$0].key.lexicographicallyPrecedes(nodes[$1].key)
    }
    if let node = order.first(where: { nodes[$0].stubNeeds != nil }) {
      standIn(for: node, within: members)
    } else if let node = order.first, let need = order.first(where: { nodes[node].needs.contains($0) }) {
      nodes[node].needs.remove(need)
      cuts.append((node, need))
    }
  }

  private mutating func standIn(for node: Int, within circle: Set<Int>) {
    let stub = nodes.count
    nodes.append(
      Node(
        rank: nodes[node].rank, key: nodes[node].key, needs: (nodes[node].stubNeeds ?? []).subtracting([node]),
        standsFor: node))
    nodes[node].stubNeeds = nil
    for other in circle where other != node && nodes[other].needs.contains(node) {
      nodes[other].needs.remove(node)
      nodes[other].needs.insert(stub)
    }
    nodes[node].needs.insert(stub)
  }
}

/// The least of some numbers, quickly.
private struct PlaceHeap {
  private var places: [Int] = []

  mutating func insert(_ place: Int) {
    places.append(place)
    var child = places.count - 1
    while child > 0, places[child] < places[(child - 1) / 2] {
      places.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  mutating func removeLeast() -> Int? {
    guard let least = places.first, let last = places.popLast() else { return nil }
    guard !places.isEmpty else { return least }
    places[0] = last
    var parent = 0
    while true {
      var child = 2 * parent + 1
      guard child < places.count else { return least }
      if child + 1 < places.count, places[child + 1] < places[child] { child += 1 }
      guard places[child] < places[parent] else { return least }
      places.swapAt(child, parent)
      parent = child
    }
  }
}
