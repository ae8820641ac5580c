\set x 1
SELECT $a$ ; $b$ ; $a$, E'\'' || U&'\0041' || B'1'; COPY t (a) FROM stdin;
1	\N
\.
CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; END; /* a /* b */ */
DO $$ BEGIN PERFORM 1; END $$; INSERT INTO "a""b" VALUES (1) \gexec
BEGIN; COMMIT; -- end
