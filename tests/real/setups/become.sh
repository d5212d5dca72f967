#!/bin/sh
# Becomes a command in a root of its own: what the machine has, and FOLDER/files over it.
#
#     become.sh FOLDER PATH... -- COMMAND...
#
# In a mount namespace of its own. What is written there is gone at its end, but what is written to /run/notes, which is
# FOLDER/notes. Each PATH is seen there as it is here.
set -eu
folder=$1
shift
mount -t tmpfs tmpfs "$folder/top"
cd "$folder/top"
mkdir upper work root
cp -a "$folder/files/." upper
mount -t overlay overlay -o lowerdir=/,upperdir=upper,workdir=work root
rm -rf root/tmp/.X11-unix root/tmp/.X1-lock root/tmp/.X99-lock
mkdir -p root/run/notes
mount --bind "$folder/notes" root/run/notes
while [ "$1" != -- ]; do
    mkdir -p "root$1"
    mount --rbind "$1" "root$1"
    shift
done
shift
cd /
exec chroot "$folder/top/root" "$@"
