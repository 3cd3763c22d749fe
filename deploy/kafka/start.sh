#!/bin/bash
# Start the broker in the official image. The first start formats its storage with the administrator as the only user,
# because a broker that requires sign-in cannot create its first user. ADVERTISED is its address for clients.
set -euo pipefail
settings=/etc/pipeline/server.properties
if [[ ! -e /var/lib/kafka/data/meta.properties ]]; then
    password=$(sed -n 's/^admin=//p' /run/keys/kafka.properties)
    # no output, because it contains the new user's salted keys
    /opt/kafka/bin/kafka-storage.sh format --cluster-id "$(/opt/kafka/bin/kafka-storage.sh random-uuid)" \
        --config "$settings" --add-scram "SCRAM-SHA-512=[name=admin,password=$password]" > /dev/null
fi
exec /opt/kafka/bin/kafka-server-start.sh "$settings" --override "advertised.listeners=CLIENT://$ADVERTISED"
