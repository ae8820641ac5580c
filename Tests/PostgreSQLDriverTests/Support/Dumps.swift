import BelayDrivers
import DriverTesting
import Foundation
import Testing

extension Connection {
  func dumped(token: String? = nil, operation: BelayDrivers.Operation = .init()) throws -> [UInt8] {
    var bytes: [UInt8] = []
    try dump("pg_custom", token: token, operation: operation) { bytes += $0 }
    return bytes
  }

  func restore(_ bytes: [UInt8], operation: BelayDrivers.Operation = .init()) throws {
    var rest = bytes[...]
    try restoreDump("pg_custom", operation: operation) { rest.fill($0) }
  }

  func verify(_ bytes: [UInt8]) throws {
    var rest = bytes[...]
    try verifyDump("pg_custom", operation: .init()) { rest.fill($0) }
  }

  func rendered(_ bytes: [UInt8]) throws -> String {
    var rest = bytes[...]
    var text: [UInt8] = []
    try renderDump("pg_custom", operation: .init(), from: { rest.fill($0) }, into: { text += $0 })
    return String(decoding: text, as: UTF8.self)
  }
}

extension ArraySlice<UInt8> {
  /// Gives the next bytes; 0 at the end.
  mutating func fill(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
    let count = Swift.min(count, buffer.count)
    buffer.copyBytes(from: prefix(count))
    removeFirst(count)
    return count
  }
}

/// A database that has something of everything.
enum RichDatabase {
  /// - Parameter role: a role that owns and is granted some of it.
  static func sql(role: String) -> String {
    """
    CREATE SCHEMA app; CREATE SCHEMA "odd ""schema";
    COMMENT ON SCHEMA app IS 'the application''s';
    CREATE EXTENSION hstore; CREATE EXTENSION pg_trgm WITH SCHEMA app;
    CREATE TYPE app.mood AS ENUM ('sad', 'ok', 'it''s fine');
    CREATE DOMAIN app.positive AS integer CHECK (VALUE > 0);
    CREATE TYPE app.pair AS (a integer, b text);
    CREATE TYPE app.span AS RANGE (subtype = float8);
    CREATE COLLATION app.plain FROM "C";
    CREATE TABLE app.users (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL COLLATE app.plain,
      mood app.mood DEFAULT 'ok', extra hstore, data jsonb, bytes bytea, amount numeric, at timestamptz,
      twice integer GENERATED ALWAYS AS (length(name) * 2) STORED, p app.pair, s app.span, n app.positive[]);
    INSERT INTO app.users (name, extra, data, bytes, amount, at, p, s, n)
      SELECT 'user ' || i, hstore('k', i::text), jsonb_build_object('i', i), decode(md5(i::text), 'hex'), 'NaN', 'infinity',
        row(i, 'x')::app.pair, '[1,2)', ARRAY[i, 1]::app.positive[] FROM generate_series(1, 500) i;
    CREATE INDEX users_trgm ON app.users USING gin (name app.gin_trgm_ops);
    CREATE TABLE "odd ""schema"."odd; table" ("select" serial, "a""b" text, user_id bigint REFERENCES app.users ON DELETE CASCADE);
    INSERT INTO "odd ""schema"."odd; table" ("a""b", user_id) VALUES (E'tab\\tnew\\nline\\\\', 1), ('', 2), (NULL, NULL);
    COMMENT ON COLUMN "odd ""schema"."odd; table"."a""b" IS 'odd; "too"';
    CREATE TABLE app.events (id integer, day date) PARTITION BY RANGE (day);
    CREATE TABLE app.events_old PARTITION OF app.events FOR VALUES FROM (MINVALUE) TO ('2020-01-01');
    CREATE TABLE app.events_new PARTITION OF app.events DEFAULT;
    CREATE INDEX events_day ON app.events (day);
    INSERT INTO app.events SELECT i, date '2019-12-01' + i FROM generate_series(1, 100) i;
    CREATE UNLOGGED TABLE public.unlogged (a integer); INSERT INTO public.unlogged VALUES (1), (2);
    CREATE SEQUENCE public.counter START 7 INCREMENT 3; SELECT nextval('public.counter'); SELECT nextval('public.counter');
    CREATE TABLE public.parent (a integer); CREATE TABLE public.child (b integer) INHERITS (public.parent);
    INSERT INTO public.child VALUES (1, 2);
    CREATE VIEW app.names AS SELECT name FROM app.users WHERE mood = 'ok';
    CREATE MATERIALIZED VIEW app.counted AS SELECT mood, count(*) FROM app.users GROUP BY 1;
    CREATE FUNCTION app.f(a integer, b text DEFAULT 'x') RETURNS integer LANGUAGE sql AS 'SELECT $1';
    CREATE FUNCTION app.atomic() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM app.users; END;
    CREATE PROCEDURE app.p() LANGUAGE plpgsql AS $$ BEGIN
    GRANT nobody TO nobody2;
    END $$;
    CREATE AGGREGATE app.total(integer) (sfunc = int4pl, stype = integer, initcond = '0');
    CREATE FUNCTION public.stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.name := NEW.name; RETURN NEW; END $$;
    CREATE TRIGGER stamped BEFORE UPDATE ON app.users FOR EACH ROW EXECUTE FUNCTION public.stamp();
    CREATE OPERATOR public.=== (LEFTARG = integer, RIGHTARG = integer, FUNCTION = int4eq);
    CREATE CAST (app.pair AS text) WITH INOUT;
    CREATE TEXT SEARCH CONFIGURATION public.search (COPY = english);
    CREATE STATISTICS public.together (dependencies) ON a, b FROM public.child;
    CREATE RULE ignore AS ON DELETE TO public.unlogged DO INSTEAD NOTHING;
    CREATE POLICY own ON app.users USING (name = current_user); ALTER TABLE app.users ENABLE ROW LEVEL SECURITY;
    CREATE FUNCTION public.noted() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
    CREATE EVENT TRIGGER noted ON ddl_command_end EXECUTE FUNCTION public.noted();
    CREATE PUBLICATION chosen FOR TABLE app.users;
    CREATE FOREIGN DATA WRAPPER dummy; CREATE SERVER far FOREIGN DATA WRAPPER dummy OPTIONS (host 'x');
    CREATE USER MAPPING FOR CURRENT_USER SERVER far OPTIONS (password 'mapped secret');
    CREATE FOREIGN TABLE public.remote (a integer) SERVER far;
    SELECT lo_from_bytea(4711, decode(repeat('00ff10', 3000), 'hex')); COMMENT ON LARGE OBJECT 4711 IS 'large';
    ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO "\(role)";
    ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
    GRANT SELECT (name), UPDATE (mood) ON app.users TO "\(role)"; GRANT USAGE ON SCHEMA app TO "\(role)";
    GRANT CREATE ON SCHEMA public TO "\(role)"; REVOKE USAGE ON SCHEMA public FROM PUBLIC;
    ALTER TABLE app.events OWNER TO "\(role)"; GRANT SELECT ON LARGE OBJECT 4711 TO "\(role)";
    """
  }

  /// What a migration may do, and what must be gone after going back: new objects of every kind, and lost ones.
  static let migration = """
    CREATE TABLE app.posts (id integer PRIMARY KEY, user_id bigint REFERENCES app.users);
    INSERT INTO app.posts VALUES (1, 1);
    ALTER TABLE app.users DROP COLUMN twice, ADD COLUMN post integer REFERENCES app.posts;
    DROP TABLE public.unlogged; DELETE FROM app.events; DROP MATERIALIZED VIEW app.counted;
    CREATE SCHEMA fresh; CREATE TABLE fresh.t (a integer); CREATE TYPE public.kind AS ENUM ('a');
    CREATE EXTENSION citext; CREATE TABLE public.c (c citext);
    CREATE FUNCTION public.g() RETURNS integer LANGUAGE sql AS 'SELECT 1';
    CREATE AGGREGATE public.none(*) (sfunc = int8inc, stype = bigint, initcond = '0');
    CREATE OPERATOR CLASS public.ints FOR TYPE integer USING btree AS OPERATOR 3 =, FUNCTION 1 btint4cmp(integer, integer);
    CREATE TYPE public.hidden AS (a integer); CREATE DOMAIN public.d AS text; CREATE COLLATION public.other FROM "C";
    CREATE TEXT SEARCH DICTIONARY public.dict (TEMPLATE = simple);
    CREATE CAST (public.hidden AS text) WITH INOUT;
    CREATE PUBLICATION everything FOR ALL TABLES;
    CREATE FUNCTION public.watching() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;
    SELECT lo_create(4712); SELECT lo_unlink(4711);
    SELECT setval('public.counter', 1000);
    ALTER DEFAULT PRIVILEGES GRANT INSERT ON TABLES TO PUBLIC;
    ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO PUBLIC;
    GRANT ALL ON SCHEMA public TO PUBLIC; COMMENT ON SCHEMA public IS 'changed';
    ALTER SCHEMA public OWNER TO CURRENT_USER;
    CREATE EVENT TRIGGER watching ON sql_drop EXECUTE FUNCTION public.watching();
    """
}
