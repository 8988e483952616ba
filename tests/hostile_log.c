/*
 * hostile_log DB FILE: adds a transaction to the log of the database in the folder DB that makes
 * the database FILE and writes to it. Whoever recovers DB then does that. For tests/admin.sh.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <db.h>

static int
open_env(DB_ENV **env, const char *dir)
{
	u_int32_t flags = DB_CREATE | DB_INIT_LOG | DB_INIT_MPOOL | DB_INIT_TXN | DB_PRIVATE |
	    DB_RECOVER;
	int ret = db_env_create(env, 0);

	return ret != 0 ? ret : (*env)->open(*env, dir, flags, 0600);
}

static int
write_file(DB_ENV *env, const char *file)
{
	char word[] = "hostile";
	DBT key, value;
	DB *db;
	int ret;

	memset(&key, 0, sizeof key);
	key.data = word;
	key.size = sizeof word;
	value = key;
	if ((ret = db_create(&db, env, 0)) != 0 ||
	    (ret = db->open(db, NULL, file, NULL, DB_BTREE, DB_CREATE | DB_AUTO_COMMIT, 0600)) != 0)
		return ret;
	return db->put(db, NULL, &key, &value, DB_AUTO_COMMIT);
}

int
main(int argc, char **argv)
{
	DB_ENV *env;
	int ret;

	if (argc != 3)
		return 2;
	if ((ret = open_env(&env, argv[1])) == 0 && (ret = write_file(env, argv[2])) == 0)
		ret = env->log_flush(env, NULL);
	if (ret != 0)
		(void)fprintf(stderr, "hostile_log: %s\n", db_strerror(ret));
	_exit(ret != 0); /* as if killed: closing would write a checkpoint */
}
