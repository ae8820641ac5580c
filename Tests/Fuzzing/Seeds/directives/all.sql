-- belay: no-transaction
-- belay: allow-loss "a b"
-- belay: allow-change s.t
-- belay: expect rows(t) = before
-- belay: expect rows("t") >= 12
-- belay: lock-timeout 30s
-- belay: statement-timeout 10min
/* -- belay: nothing
*/ SELECT '/*', "--", $$ -- $$;
-- +goose Up
-- migrate:down
