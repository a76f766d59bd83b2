#!/bin/bash
# End what start.sh ROOM started, by the ids that its daemons wrote down; the room stays.
room=$(realpath -m "${1:?which folder start.sh was given}")

for daemon in slurmd slurmctld munged; do
    id=$(cat "$room/$daemon.pid" 2> /dev/null) || continue
    kill "$id" 2> /dev/null
    for _ in $(seq 50); do
        kill -0 "$id" 2> /dev/null || break
        sleep 0.2
    done
done
usual=/etc/slurm/slurm.conf
[ "$(readlink "$usual")" != "$room/slurm.conf" ] || rm "$usual"
