-- A database that is made again from the log inserts each user as it is by then. Tokens that were signed before go on being good,
-- so whoever verifies them is told of users who may have been changed or removed since. (In one transaction a user may also
-- be made and changed: then this tells nobody anything new.)
CREATE TRIGGER users_access_restored BEFORE INSERT ON users FOR EACH ROW WHEN (NEW.version > 1)
  EXECUTE FUNCTION users_access_changed();
