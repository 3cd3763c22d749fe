#!/bin/bash
# Start the broker in the official image. The first start formats its storage with the administrator as the only user,
# because a broker that requires sign-in cannot create its first user. ADVERTISED is its address for clients. One of
# several brokers has a NODE_ID, and the cluster's id in a file.
set -euo pipefail
umask 077
settings=/etc/pipeline/server.properties
if [[ -n "${NODE_ID:-}" ]]; then
    { cat "$settings"; printf '\nnode.id=%s\n' "$NODE_ID"; } > /tmp/server.properties
    settings=/tmp/server.properties
fi
if [[ ! -e /var/lib/kafka/data/meta.properties ]]; then
    # Java reads the password from a file, because everybody can see the arguments of a process
    arguments=/tmp/format.arguments
    cluster=$(cat /run/keys/cluster_id 2> /dev/null || /opt/kafka/bin/kafka-storage.sh random-uuid)
    printf '%s\n' kafka.tools.StorageTool format "--cluster-id=$cluster" \
        "--config=$settings" "--add-scram=SCRAM-SHA-512=[name=admin,password=$(cat /run/keys/admin)]" > "$arguments"
    # no output, because it contains the new user's salted keys
    /opt/kafka/bin/kafka-run-class.sh "@$arguments" > /dev/null
    rm "$arguments"
fi
exec /opt/kafka/bin/kafka-server-start.sh "$settings" --override "advertised.listeners=CLIENT://$ADVERTISED"
