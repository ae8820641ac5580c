/// A database with one of everything that a catalog must not lose. Roles are the server's: they are made once, and may be
/// there already. Sets whose order means nothing (grants, options, tags) are written sorted, as the catalog's ddl writes
/// them: so that pg_dump, which keeps the order in which they were made, shows no difference.
enum CatalogMuseum {
  static let roles = """
    DO $$ DECLARE name text; BEGIN
      FOREACH name IN ARRAY ARRAY['museum_owner', 'museum_reader', 'Museum "Guide"', 'museum_deputy'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN EXECUTE format('CREATE ROLE %I LOGIN', name); END IF;
      END LOOP;
    END $$;
    """

  enum Room: String, CaseIterable {
    case everything, beyondDump, noPublic
    var sql: String {
      switch self {
      case .everything: CatalogMuseum.sql
      case .beyondDump: CatalogMuseum.beyondDump
      case .noPublic: CatalogMuseum.noPublic
      }
    }
  }

  static var sql: String { [types, functions, tables, relations, keys, actions, outside].joined(separator: "\n") }

  private static let types = #"""
    SET check_function_bodies = off;
    CREATE EXTENSION hstore; CREATE EXTENSION citext; CREATE EXTENSION postgres_fdw; CREATE EXTENSION file_fdw;
    CREATE EXTENSION btree_gist; CREATE EXTENSION intarray; CREATE EXTENSION pg_trgm;
    CREATE SCHEMA app AUTHORIZATION museum_owner; CREATE SCHEMA "Odd ""Schema"" ☃"; CREATE SCHEMA "select";
    COMMENT ON SCHEMA app IS 'the app''s \ own'; GRANT USAGE ON SCHEMA app TO museum_deputy; GRANT USAGE ON SCHEMA app TO museum_reader WITH GRANT OPTION;
    REVOKE CREATE ON SCHEMA public FROM PUBLIC; COMMENT ON SCHEMA public IS 'a public place';
    CREATE TYPE app.mood AS ENUM ('sad', 'it''s ok', 'happy'); ALTER TYPE app.mood ADD VALUE 'meh' BEFORE 'happy';
    CREATE TYPE app.point3 AS (x int, y numeric(10,2), "the Z" text COLLATE "C");
    COMMENT ON COLUMN app.point3.x IS 'abscissa'; ALTER TYPE app.point3 OWNER TO museum_owner;
    CREATE DOMAIN app.positive AS int DEFAULT 1 NOT NULL CONSTRAINT is_positive CHECK (VALUE > 0);
    CREATE DOMAIN app.email AS text COLLATE "C" CHECK (VALUE ~ '@'); ALTER DOMAIN app.email ADD CONSTRAINT late CHECK (VALUE <> '') NOT VALID;
    COMMENT ON DOMAIN app.email IS 'an address'; COMMENT ON CONSTRAINT is_positive ON DOMAIN app.positive IS 'above';
    REVOKE USAGE ON TYPE app.mood FROM PUBLIC; GRANT USAGE ON TYPE app.mood TO museum_reader;
    CREATE FUNCTION app.diff(float8, float8) RETURNS float8 LANGUAGE sql IMMUTABLE AS 'SELECT $1 - $2';
    CREATE TYPE app.span AS RANGE (subtype = float8, subtype_diff = app.diff, multirange_type_name = app.spans);
    CREATE TYPE app.announced;
    CREATE COLLATION app.german (provider = icu, locale = 'de-u-co-phonebk', deterministic = false);
    CREATE COLLATION app.posix (lc_collate = 'C', lc_ctype = 'C'); COMMENT ON COLLATION app.german IS 'phone book';
    CREATE CONVERSION app.latin FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
    CREATE TYPE app.box2;
    CREATE FUNCTION app.box2_in(cstring) RETURNS app.box2 LANGUAGE internal IMMUTABLE STRICT AS 'int4in';
    CREATE FUNCTION app.box2_out(app.box2) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int4out';
    CREATE TYPE app.box2 (INPUT = app.box2_in, OUTPUT = app.box2_out, LIKE = int4, DEFAULT = '7', CATEGORY = 'N');
    """#

  private static let functions = #"""
    CREATE FUNCTION app.f(a int, b text DEFAULT 'x;y', VARIADIC c int[] DEFAULT '{}') RETURNS TABLE (n int, t text)
      LANGUAGE plpgsql STABLE SECURITY DEFINER COST 7 ROWS 3 PARALLEL SAFE SET search_path TO app, "Odd ""Schema"" ☃"
      AS $body$ BEGIN RETURN QUERY SELECT a, b || '$$' || $q$\n$q$; END $body$;
    CREATE FUNCTION app.f(a text) RETURNS text LANGUAGE sql AS 'SELECT missing FROM app.not_yet WHERE id = a::int';
    CREATE PROCEDURE app.p(INOUT a int, b app.mood DEFAULT 'sad') LANGUAGE plpgsql AS 'BEGIN a := a + 1; END';
    CREATE FUNCTION app.atomic(n int) RETURNS int LANGUAGE sql IMMUTABLE BEGIN ATOMIC SELECT n * 2; END;
    REVOKE EXECUTE ON FUNCTION app.f(text) FROM PUBLIC; GRANT EXECUTE ON FUNCTION app.f(text) TO "Museum ""Guide""";
    COMMENT ON FUNCTION app.f(int, text, int[]) IS 'three'; ALTER FUNCTION app.f(text) OWNER TO museum_owner;
    COMMENT ON PROCEDURE app.p(int, app.mood) IS 'proceeds'; ALTER FUNCTION app.f(text) DEPENDS ON EXTENSION hstore;
    CREATE AGGREGATE app.total(int) (SFUNC = int4pl, STYPE = int, INITCOND = '0', PARALLEL = safe, COMBINEFUNC = int4pl,
      MSFUNC = int4pl, MINVFUNC = int4mi, MSTYPE = int, MINITCOND = '0');
    CREATE AGGREGATE app.middle(float8 ORDER BY anyelement) (SFUNC = ordered_set_transition, STYPE = internal,
      FINALFUNC = percentile_disc_final, FINALFUNC_EXTRA);
    COMMENT ON AGGREGATE app.total(int) IS 'sums'; ALTER AGGREGATE app.total(int) OWNER TO museum_owner;
    GRANT EXECUTE ON FUNCTION app.total(int) TO museum_reader;
    CREATE FUNCTION app.near(int, int) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT abs($1 - $2) < 3';
    CREATE OPERATOR app.~~~ (LEFTARG = int, RIGHTARG = int, FUNCTION = app.near, COMMUTATOR = OPERATOR(app.~~~),
      NEGATOR = OPERATOR(app.!~~~), RESTRICT = eqsel, JOIN = eqjoinsel);
    CREATE FUNCTION app.far(int, int) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT NOT abs($1 - $2) < 3';
    CREATE OPERATOR app.!~~~ (LEFTARG = int, RIGHTARG = int, FUNCTION = app.far, NEGATOR = OPERATOR(app.~~~));
    CREATE OPERATOR app.!!! (RIGHTARG = int, FUNCTION = int4um); COMMENT ON OPERATOR app.!!! (NONE, int) IS 'minus';
    CREATE OPERATOR FAMILY app.ints USING btree;
    CREATE FUNCTION app.backwards(int, int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT btint4cmp($2, $1)';
    CREATE OPERATOR CLASS app.reverse_ops FOR TYPE int USING btree FAMILY app.ints AS OPERATOR 1 >, OPERATOR 2 >=,
      OPERATOR 3 =, OPERATOR 4 <=, OPERATOR 5 <, FUNCTION 1 app.backwards(int, int);
    ALTER OPERATOR FAMILY app.ints USING btree ADD OPERATOR 3 =(int, bigint), FUNCTION 1 (int, bigint) btint48cmp(int, bigint);
    CREATE FUNCTION app.to_mood(int) RETURNS app.mood LANGUAGE sql IMMUTABLE AS $$ SELECT 'sad'::app.mood $$;
    CREATE CAST (int AS app.mood) WITH FUNCTION app.to_mood(int) AS ASSIGNMENT; CREATE CAST (app.mood AS int) WITH INOUT;
    CREATE CAST (app.box2 AS int) WITHOUT FUNCTION AS IMPLICIT; COMMENT ON CAST (int AS app.mood) IS 'feel';
    CREATE TEXT SEARCH DICTIONARY app.simple_de (TEMPLATE = pg_catalog.simple, STOPWORDS = 'german', ACCEPT = 'false');
    CREATE TEXT SEARCH CONFIGURATION app.german (COPY = pg_catalog.german);
    ALTER TEXT SEARCH CONFIGURATION app.german ALTER MAPPING FOR asciiword, word WITH app.simple_de, german_stem;
    COMMENT ON TEXT SEARCH CONFIGURATION app.german IS 'words';
    """#

  private static let tables = #"""
    CREATE SEQUENCE app.counter AS smallint START 5 INCREMENT 3 MINVALUE -9 MAXVALUE 999 CACHE 4 CYCLE;
    GRANT USAGE ON SEQUENCE app.counter TO museum_reader; COMMENT ON SEQUENCE app.counter IS 'counts';
    CREATE TABLE app.users (
      id bigint GENERATED BY DEFAULT AS IDENTITY (START 100 INCREMENT 10), serial serial, name text NOT NULL,
      email app.email, age app.positive, moods app.mood[] DEFAULT '{sad,happy}', at timestamptz DEFAULT '2020-01-02 03:04:05+02',
      day date DEFAULT '2021-02-03', wait interval DEFAULT '1 day 02:03:04', price money DEFAULT '12.50'::numeric::money,
      data jsonb DEFAULT '{"a": [1, 2]}', raw bytea DEFAULT '\x00ff', during tstzrange, places app.span, spans app.spans,
      place app.point3 DEFAULT ROW(1, 2.5, 'z')::app.point3, tags hstore, nick citext COLLATE app.german,
      n int DEFAULT nextval('app.counter'), doubled int GENERATED ALWAYS AS (app.atomic(n)) STORED, box app.box2, big numeric DEFAULT 'NaN',
      gone int, UNIQUE (email) INCLUDE (name)) WITH (autovacuum_enabled = off, fillfactor = 70, toast.autovacuum_enabled = off);
    ALTER TABLE app.users DROP COLUMN gone; ALTER TABLE app.users OWNER TO museum_owner;
    ALTER TABLE app.users ALTER name SET STORAGE EXTERNAL, ALTER name SET STATISTICS 500, ALTER data SET COMPRESSION pglz,
      ALTER age SET (n_distinct = -0.5), ADD CONSTRAINT users_pkey PRIMARY KEY (id) WITH (fillfactor = 80),
      ADD CONSTRAINT "odd check" CHECK (name <> 'it''s' AND app.near(n, 3)) NO INHERIT, ADD CONSTRAINT never CHECK (n < 0) NOT VALID,
      CLUSTER ON users_pkey, REPLICA IDENTITY USING INDEX users_pkey;
    COMMENT ON TABLE app.users IS 'people'; COMMENT ON COLUMN app.users.name IS 'called'; COMMENT ON INDEX app.users_pkey IS 'key';
    COMMENT ON CONSTRAINT "odd check" ON app.users IS 'odd';
    GRANT INSERT ON app.users TO museum_deputy WITH GRANT OPTION;
    GRANT SELECT, UPDATE (name, email) ON app.users TO museum_reader; GRANT SELECT (id) ON app.users TO PUBLIC;
    SET SESSION AUTHORIZATION museum_deputy; GRANT INSERT ON app.users TO "Museum ""Guide"""; RESET SESSION AUTHORIZATION;
    CREATE TABLE "Odd ""Schema"" ☃"."Täble ""x"" with a name that has exactly sixty-three bytes é" ("select" int PRIMARY KEY,
      "a b" text DEFAULT E'back\\slash', "UPPER" int, "quo'te" int);
    COMMENT ON COLUMN "Odd ""Schema"" ☃"."Täble ""x"" with a name that has exactly sixty-three bytes é"."quo'te" IS E'line\nend';
    CREATE TABLE "select"."table" ("from" int, "%I" text); CREATE TABLE app.nothing ();
    CREATE UNLOGGED TABLE app.fast (k text PRIMARY KEY, v int) ; ALTER TABLE app.fast REPLICA IDENTITY FULL;
    CREATE TABLE app.events (id bigint NOT NULL, at date NOT NULL, kind text DEFAULT 'x', CHECK (id > 0)) PARTITION BY RANGE (at);
    ALTER TABLE app.events ADD PRIMARY KEY (id, at, kind);
    CREATE TABLE app.events_2020 PARTITION OF app.events (kind DEFAULT 'old') FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
    CREATE TABLE app.events_2021 PARTITION OF app.events FOR VALUES FROM ('2021-01-01') TO ('2022-01-01') PARTITION BY LIST (kind);
    CREATE TABLE app.events_2021_a PARTITION OF app.events_2021 FOR VALUES IN ('a', 'it''s');
    CREATE TABLE app.events_2021_rest PARTITION OF app.events_2021 DEFAULT; CREATE TABLE app.events_rest PARTITION OF app.events DEFAULT;
    ALTER TABLE app.events_2020 ADD CONSTRAINT own CHECK (kind <> 'never');
    CREATE TABLE app.hashed (a int, b text) PARTITION BY HASH (a, lower(b)); CREATE TABLE app.listed (k text) PARTITION BY LIST (k);
    CREATE TABLE app.listed_null PARTITION OF app.listed FOR VALUES IN (NULL, 'x');
    CREATE TABLE app.hashed_0 PARTITION OF app.hashed FOR VALUES WITH (MODULUS 2, REMAINDER 0);
    CREATE TABLE app.animal (name text NOT NULL, legs int DEFAULT 4, CONSTRAINT legs_ok CHECK (legs >= 0));
    CREATE TABLE app.dog (breed text, legs int DEFAULT 3 NOT NULL) INHERITS (app.animal); ALTER TABLE app.dog ALTER name SET DEFAULT 'rex';
    CREATE TABLE app.robot (model text); CREATE TABLE app.robodog () INHERITS (app.dog, app.robot);
    CREATE TABLE app.typed OF app.point3 (x NOT NULL, PRIMARY KEY (x));
    """#

  private static let relations = #"""
    CREATE VIEW app.adults AS SELECT id, name AS "the name", age FROM app.users WHERE age > 17 AND at > '2020-06-01 00:00:00+02'
      WITH CASCADED CHECK OPTION; ALTER VIEW app.adults ALTER age SET DEFAULT 18; ALTER VIEW app.adults SET (security_barrier = true);
    COMMENT ON VIEW app.adults IS 'grown'; COMMENT ON COLUMN app.adults.age IS 'years'; GRANT SELECT (id) ON app.adults TO museum_reader;
    ALTER VIEW app.adults OWNER TO museum_owner;
    CREATE VIEW app.grouped AS SELECT id, name, email, count(*) FROM app.users GROUP BY id;
    CREATE RECURSIVE VIEW app.numbers (n) AS VALUES (1) UNION ALL SELECT n + 1 FROM numbers WHERE n < 9;
    CREATE MATERIALIZED VIEW app.z_totals AS SELECT kind, count(*) AS n FROM app.events GROUP BY kind;
    CREATE VIEW app.between AS SELECT * FROM app.z_totals;
    CREATE MATERIALIZED VIEW app.a_totals WITH (fillfactor = 50) AS SELECT n FROM app.between;
    CREATE MATERIALIZED VIEW app.unfilled AS SELECT 1 AS one WITH NO DATA; ALTER MATERIALIZED VIEW app.a_totals ALTER n SET STATISTICS 7;
    CREATE UNIQUE INDEX z_totals_kind ON app.z_totals (kind); COMMENT ON MATERIALIZED VIEW app.a_totals IS 'all';
    -- Circles.
    CREATE TABLE app.circle (id int, v text);
    CREATE FUNCTION app.circle_check(app.circle) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT true';
    ALTER TABLE app.circle ADD CHECK (app.circle_check(circle)), ALTER v SET DEFAULT app.f('1');
    CREATE FUNCTION app.count_circle() RETURNS bigint LANGUAGE sql STABLE BEGIN ATOMIC SELECT count(*) FROM app.circle; END;
    ALTER TABLE app.circle ALTER id SET DEFAULT app.count_circle()::int;
    CREATE VIEW app.round AS SELECT 1 AS a, 'x'::text COLLATE "C" AS b;
    CREATE FUNCTION app.round_f(app.round) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1';
    CREATE OR REPLACE VIEW app.round AS SELECT app.round_f(NULL::app.round) AS a, 'y'::text COLLATE "C" AS b;
    CREATE FUNCTION app.spin(n int) RETURNS bigint LANGUAGE sql STABLE AS 'SELECT 1';
    CREATE VIEW app.spinning AS SELECT app.spin(1) AS s;
    CREATE OR REPLACE FUNCTION app.spin(n int DEFAULT 2) RETURNS bigint LANGUAGE sql STABLE BEGIN ATOMIC SELECT sum(s) FROM app.spinning; END;
    CREATE DOMAIN app.selfish AS int; CREATE FUNCTION app.is_selfish(app.selfish) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT true';
    ALTER DOMAIN app.selfish ADD CHECK (app.is_selfish(VALUE)); CREATE TABLE app.selves (one app.selfish);
    """#

  private static let keys = #"""
    CREATE INDEX users_lower ON app.users (lower(name) text_pattern_ops DESC NULLS LAST) INCLUDE (n) WHERE n > 0;
    ALTER INDEX app.users_lower ALTER COLUMN 1 SET STATISTICS 77; COMMENT ON INDEX app.users_lower IS 'low';
    CREATE INDEX users_gin ON app.users USING gin (data jsonb_path_ops) WITH (fastupdate = off);
    CREATE INDEX users_reverse ON app.users (n app.reverse_ops, nick COLLATE "C"); CREATE INDEX events_kind ON app.events (kind);
    CREATE INDEX events_alone ON ONLY app.events (id);
    CREATE UNIQUE INDEX nulls_once ON app.fast (v) NULLS NOT DISTINCT;
    CREATE TABLE app.bookings (room int, during tstzrange, user_id bigint, k text DEFAULT 'k',
      CONSTRAINT no_overlap EXCLUDE USING gist (room WITH =, during WITH &&) WHERE (room > 0) DEFERRABLE INITIALLY DEFERRED,
      CONSTRAINT of_user FOREIGN KEY (user_id) REFERENCES app.users ON DELETE SET NULL (user_id) ON UPDATE CASCADE DEFERRABLE,
      CONSTRAINT once UNIQUE (k, room) DEFERRABLE);
    CREATE TABLE app.codes (k text PRIMARY KEY);
    ALTER TABLE app.bookings ADD CONSTRAINT unsure FOREIGN KEY (k) REFERENCES app.codes MATCH FULL NOT VALID;
    CREATE TABLE app.about_events (id bigint, at date, kind text, FOREIGN KEY (id, at, kind) REFERENCES app.events) PARTITION BY LIST (at);
    CREATE TABLE app.about_events_1 PARTITION OF app.about_events FOR VALUES IN ('2020-05-05');
    CREATE STATISTICS app.users_stats (ndistinct, dependencies) ON name, n FROM app.users; ALTER STATISTICS app.users_stats SET STATISTICS 99;
    COMMENT ON STATISTICS app.users_stats IS 'together'; ALTER STATISTICS app.users_stats OWNER TO museum_owner;
    CREATE STATISTICS app.expressions ON (n + 1), lower(name) FROM app.users;
    """#

  private static let actions = #"""
    CREATE FUNCTION app.fire() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    CREATE TRIGGER before_it BEFORE INSERT OR UPDATE OF name ON app.users FOR EACH ROW WHEN (NEW.n > 1) EXECUTE FUNCTION app.fire('a', 'it''s');
    CREATE TRIGGER off AFTER DELETE ON app.users REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION app.fire();
    ALTER TABLE app.users DISABLE TRIGGER off; COMMENT ON TRIGGER off ON app.users IS 'quiet';
    CREATE TRIGGER always AFTER TRUNCATE ON app.users EXECUTE FUNCTION app.fire(); ALTER TABLE app.users ENABLE ALWAYS TRIGGER always;
    CREATE CONSTRAINT TRIGGER late AFTER UPDATE ON app.users DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION app.fire();
    CREATE TRIGGER instead INSTEAD OF UPDATE ON app.adults FOR EACH ROW EXECUTE FUNCTION app.fire();
    CREATE TRIGGER every AFTER INSERT ON app.events FOR EACH ROW EXECUTE FUNCTION app.fire();
    ALTER TABLE app.events_2020 DISABLE TRIGGER every;
    CREATE RULE quietly AS ON DELETE TO app.fast WHERE OLD.v = 1 DO INSTEAD NOTHING; ALTER TABLE app.fast DISABLE RULE quietly;
    CREATE RULE twice AS ON INSERT TO app.grouped DO INSTEAD (INSERT INTO app.fast VALUES (NEW.name); NOTIFY app); COMMENT ON RULE twice ON app.grouped IS 'two';
    ALTER TABLE app.users ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
    CREATE POLICY own ON app.users AS RESTRICTIVE FOR UPDATE TO museum_reader, "Museum ""Guide""" USING (n > 1) WITH CHECK (n > 2);
    CREATE POLICY "all of it" ON app.users USING (id IN (SELECT user_id FROM app.bookings)); COMMENT ON POLICY own ON app.users IS 'mine';
    CREATE SERVER elsewhere TYPE 't' VERSION '9' FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'no.where', dbname 'd');
    GRANT USAGE ON FOREIGN SERVER elsewhere TO museum_reader; COMMENT ON SERVER elsewhere IS 'far'; ALTER SERVER elsewhere OWNER TO museum_owner;
    CREATE USER MAPPING FOR museum_reader SERVER elsewhere OPTIONS (user 'me'); CREATE USER MAPPING FOR PUBLIC SERVER elsewhere;
    CREATE FOREIGN DATA WRAPPER bare OPTIONS (debug 'true'); GRANT USAGE ON FOREIGN DATA WRAPPER bare TO museum_reader;
    CREATE FOREIGN TABLE app.remote (id int OPTIONS (column_name 'nr') NOT NULL, t text DEFAULT 'x') SERVER elsewhere OPTIONS (table_name 'far "away"');
    COMMENT ON FOREIGN TABLE app.remote IS 'there'; ALTER TABLE app.remote ADD CHECK (id > 0);
    CREATE PUBLICATION everything FOR ALL TABLES WITH (publish = 'insert, delete');
    CREATE PUBLICATION parts FOR TABLE app.users (id, name) WHERE (id > 5), app.codes WITH (publish_via_partition_root); CREATE PUBLICATION whole FOR TABLES IN SCHEMA "select", TABLE app.codes;
    COMMENT ON PUBLICATION parts IS 'part'; ALTER PUBLICATION parts OWNER TO museum_owner;
    CREATE FUNCTION app.watch() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
    CREATE EVENT TRIGGER watching ON ddl_command_end WHEN TAG IN ('CREATE TABLE', 'DROP TABLE') EXECUTE FUNCTION app.watch();
    CREATE EVENT TRIGGER sleeping ON sql_drop EXECUTE FUNCTION app.watch(); ALTER EVENT TRIGGER sleeping DISABLE; COMMENT ON EVENT TRIGGER sleeping IS 'z';
    ALTER DEFAULT PRIVILEGES FOR ROLE museum_owner IN SCHEMA app GRANT SELECT ON TABLES TO museum_reader;
    ALTER DEFAULT PRIVILEGES FOR ROLE museum_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION pg_catalog.pg_ls_waldir() TO museum_reader; REVOKE EXECUTE ON FUNCTION public.hstore(text, text) FROM PUBLIC;
    DO $$ BEGIN PERFORM lo_create(4242), lo_create(777777); END $$; GRANT SELECT ON LARGE OBJECT 4242 TO museum_reader; COMMENT ON LARGE OBJECT 4242 IS 'big';
    ALTER LARGE OBJECT 4242 OWNER TO museum_owner;
    """#

  private static let outside = #"""
    DO $$ BEGIN
      EXECUTE format('ALTER DATABASE %I SET work_mem TO ''7MB''', current_database());
      EXECUTE format('ALTER DATABASE %I SET search_path TO "$user", app, "Odd ""Schema"" ☃"', current_database());
      EXECUTE format('ALTER DATABASE %I SET app."oddName" TO ''it''''s \ 100%%''', current_database());
      EXECUTE format('ALTER ROLE "Museum ""Guide""" IN DATABASE %I SET DateStyle TO ''SQL, DMY''', current_database());
      EXECUTE format('COMMENT ON DATABASE %I IS ''a museum''', current_database());
      EXECUTE format('ALTER DATABASE %I CONNECTION LIMIT 50', current_database());
      EXECUTE format('GRANT CREATE ON DATABASE %I TO museum_reader', current_database());
    END $$;
    """#

  /// pg_dump cannot restore these: it makes the generated column's expression a default, and adds the domain's check last.
  private static let beyondDump = #"""
    CREATE SCHEMA app;
    CREATE FUNCTION app.gen(n int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1';
    CREATE TABLE app.generating (n int, g int GENERATED ALWAYS AS (app.gen(n)) STORED);
    CREATE OR REPLACE FUNCTION app.gen(n int) RETURNS int LANGUAGE sql IMMUTABLE BEGIN ATOMIC SELECT $1 + (SELECT 0 FROM app.generating LIMIT 0); END;
    CREATE DOMAIN app.selfish AS int; CREATE FUNCTION app.is_selfish(app.selfish) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT true';
    ALTER DOMAIN app.selfish ADD CHECK (app.is_selfish(VALUE)); CREATE TABLE app.selves (s app.selfish[], one app.selfish);
    """#

  /// A careful administrator's.
  private static let noPublic =
    "DROP SCHEMA public; CREATE SCHEMA own; CREATE TABLE own.t (a int); COMMENT ON TABLE own.t IS 'x'"
}
