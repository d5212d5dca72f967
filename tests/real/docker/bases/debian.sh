#!/bin/sh
# Makes the root file system that all stand-ins are built on, from Debian's packages alone:
#
#     debian.sh FILE.tar
#
# No image is pulled: the tests run where no registry can be reached. As in the official images, there is no Python
# in it. What their Dockerfiles install with apt-get lies in /debs, so that `docker build` needs no network.
set -eu

servers=nginx-light,postgresql-15
later="python3-minimal python3-venv mariadb-client-core mariadb-server-core php8.2-fpm php8.2-mysql"

exec mmdebstrap --variant=apt --quiet --include="$servers" \
    --dpkgopt='path-exclude=/usr/share/doc/*' \
    --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' \
    --dpkgopt='path-exclude=/usr/lib/*/libLLVM*' \
    --essential-hook='mkdir -p "$1/etc/postgresql-common"' \
    --essential-hook='echo "create_main_cluster = false" > "$1/etc/postgresql-common/createcluster.conf"' \
    --customize-hook='rm -f "$1"/var/cache/apt/archives/*.deb' \
    --customize-hook="APT_CONFIG=\"\$MMDEBSTRAP_APT_CONFIG\" apt-get -qq -y --download-only install $later" \
    --customize-hook='mkdir "$1/debs" && mv "$1"/var/cache/apt/archives/*.deb "$1/debs/"' \
    --customize-hook='cd "$1/debs" && for deb in *.deb; do
            dpkg-deb --field "$deb"
            printf "Filename: ./%s\nSize: %s\n" "$deb" "$(stat -c %s "$deb")"
            printf "SHA256: %s\n\n" "$(sha256sum "$deb" | cut -d" " -f1)"
        done > Packages' \
    --customize-hook='rm -rf "$1"/etc/apt/sources.list.d/*' \
    --customize-hook='echo "deb [trusted=yes] file:/debs ./" > "$1/etc/apt/sources.list"' \
    bookworm "$1"
