#!/bin/bash
# Make this machine a Slurm cluster of one node: start.sh ROOM. Ended by stop.sh ROOM.
# Exit status 77 says that it cannot be done here, and why; any other that it failed.
set -euo pipefail

room=$(realpath -m "${1:?which folder may keep keys, state and logs}")
here=$(dirname "$(realpath "$0")")
packages=(munge slurmctld slurmd slurm-client slurm-wlm-basic-plugins)

cannot() { echo "Slurm cannot be started here: $*" >&2; exit 77; }

[ "$(id -u)" = 0 ] || cannot "only root may start its daemons"
# Snakemake's executor drops every SLURM_ variable before it submits: only the file at its usual
# place counts. One that is there already belongs to a real cluster.
usual=/etc/slurm/slurm.conf
if [ -e "$usual" ] || [ -L "$usual" ]; then cannot "$usual is there already"; fi

if ! dpkg -s "${packages[@]}" > /dev/null 2>&1; then
    command -v apt-get > /dev/null || cannot "it is not installed, and this is no Debian"
    echo "Installing ${packages[*]}"
    # Without a run level, Debian's own services are not started.
    export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
    timeout 120 apt-get update -qq || cannot "no list of packages to be had"
    timeout 300 apt-get install -qq -y --no-install-recommends "${packages[@]}" > /dev/null \
        || cannot "its packages cannot be installed"
fi

mkdir -p "$room"/{state,spool}
chmod 755 "$room"
sed -e "s|@ROOM@|$room|; s|@NODE@|$(hostname -s)|; s|@CPUS@|$(nproc)|" \
    -e "s|@MEMORY@|$(awk '/^MemTotal/ {print int($2 / 1024 * 0.9)}' /proc/meminfo)|" \
    "$here/slurm.conf" > "$room/slurm.conf"
mkdir -p "$(dirname "$usual")"
ln -s "$room/slurm.conf" "$usual"
trap '[ $? = 0 ] || "$here/stop.sh" "$room"' EXIT

# `--force` bears with a folder that others may write to, as /tmp above the room is.
(umask 077 && head -c 1024 /dev/urandom > "$room/munge.key")
munged --force --key-file "$room/munge.key" --socket "$room/munge.socket" \
    --pid-file "$room/munged.pid" --log-file "$room/munged.log" --seed-file "$room/munge.seed"
touch "$room/ended.txt"
slurmctld
slurmd -N "$(hostname -s)"

for _ in $(seq 60); do
    [ "$(sinfo --noheader --format %t 2> /dev/null)" = idle ] && exit 0
    sleep 0.5
done
echo "Slurm's node does not become idle:" >&2
tail -n 5 "$room"/slurmctld.log "$room"/slurmd.log >&2
exit 1
