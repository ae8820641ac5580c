-- c
CREATE TABLE "a""b" (x, [y z], `q`); INSERT INTO t VALUES ('it''s', x'00', 1e5);
CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT CASE WHEN 1 THEN 2 END; DELETE FROM t; END;
PRAGMA foreign_keys = off; /* open
*/ .tables
SELECT 1
