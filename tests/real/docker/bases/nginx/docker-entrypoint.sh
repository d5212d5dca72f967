#!/bin/sh
# A test stand-in for the official image's entrypoint: scripts first, and only for nginx; then what was asked for.
set -e

if [ "$1" = nginx ]; then
    for script in /docker-entrypoint.d/*; do
        case $script in
        *.envsh) [ ! -x "$script" ] || . "$script" ;;
        *.sh) [ ! -x "$script" ] || "$script" ;;
        esac
    done
    echo "$0: ready to start"
fi

exec "$@"
