/// The order of objects that do not depend on each other: what others need most comes first; what must wait until the
/// rows are loaded comes after the tables; what would act on other objects comes last.
enum Rank {
  private static let kinds: [[String]] = [
    ["role"], ["schema"], ["extension"], ["language"], ["access_method"], ["collation"], ["type"],
    ["domain_constraint"], ["function"], ["aggregate"], ["operator"], ["operator_family"], ["operator_class"],
    ["cast"], ["transform"], ["conversion"],
    ["text_search_parser"], ["text_search_template"], ["text_search_dictionary"], ["text_search_configuration"],
    ["foreign_data_wrapper"], ["foreign_server"], ["user_mapping"],
    ["large_object"], ["table"], ["sequence"], ["view"], ["materialized_view"], ["internal_table"],
    ["default"], ["check"], ["primary_key"], ["constraint"], ["index"], ["statistics"], ["rule"], ["trigger"],
    ["foreign_key"], ["policy"], ["publication"], ["subscription"], ["default_acl"], ["acl"],
    ["late"], ["event_trigger"], ["database"], ["setting"],
  ]

  private static let places = Dictionary(
    uniqueKeysWithValues: kinds.enumerated().flatMap { place, kinds in kinds.map { ($0, place) } })

  /// Unknown kinds come last.
  static func of(_ kind: String) -> Int { places[kind] ?? kinds.count }

  /// Statements that are run late: refreshes of materialized views, row-level security.
  static let late = of("late")
}
