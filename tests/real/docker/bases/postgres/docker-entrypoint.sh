#!/usr/bin/env bash
# A test stand-in for the official image's entrypoint: as root it makes the directories and runs itself again as
# postgres; where there is no database yet, it makes one, with a server of its own for the scripts; then the server.
set -Eeuo pipefail

made() { [ -s "$PGDATA/PG_VERSION" ]; }

make_database() {
    if [ -z "${POSTGRES_PASSWORD:-}" ] && [ "${POSTGRES_HOST_AUTH_METHOD:-}" != trust ]; then
        echo >&2 "Error: set POSTGRES_PASSWORD, or POSTGRES_HOST_AUTH_METHOD=trust"
        exit 1
    fi
    # shellcheck disable=SC2086
    initdb --username="${POSTGRES_USER:-postgres}" --pwfile=<(printf '%s\n' "${POSTGRES_PASSWORD:-}x") \
        ${POSTGRES_INITDB_ARGS:-}
    echo "host all all all ${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}" >> "$PGDATA/pg_hba.conf"
}

run_scripts() {
    pg_ctl --wait --options="-c listen_addresses=''" start
    for script in /docker-entrypoint-initdb.d/*; do
        case $script in
        *.sh) echo "$0: running $script" && "$script" ;;
        *.sql) echo "$0: running $script" && psql -v ON_ERROR_STOP=1 --no-psqlrc -U postgres -f "$script" ;;
        esac
    done
    pg_ctl --wait --mode=fast stop
}

[ "${1:0:1}" != - ] || set -- postgres "$@"

if [ "$1" = postgres ]; then
    if [ "$(id -u)" = 0 ]; then
        mkdir -p "$PGDATA" /run/postgresql
        chmod 700 "$PGDATA"
        find "$PGDATA" ! -user postgres -exec chown postgres {} +
        find /run/postgresql ! -user postgres -exec chown postgres {} +
        exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" "$@"
    fi
    mkdir -p "$PGDATA"
    chmod 700 "$PGDATA" || :
    if made; then
        echo "$0: there is a database already"
    else
        make_database
        run_scripts
        echo "$0: the database is made"
    fi
fi

exec "$@"
