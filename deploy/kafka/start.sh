#!/bin/bash
# Start the broker in the official image, formatted the first time with its administrator as the only user: a broker
# that authenticates everybody cannot be asked to create its first user. ADVERTISED is where clients find it.
set -euo pipefail
settings=/etc/pipeline/server.properties
if [[ ! -e /var/lib/kafka/data/meta.properties ]]; then
    password=$(sed -n 's/^admin=//p' /run/keys/kafka.properties)
    # what it prints holds the new user's salted keys
    /opt/kafka/bin/kafka-storage.sh format --cluster-id "$(/opt/kafka/bin/kafka-storage.sh random-uuid)" \
        --config "$settings" --add-scram "SCRAM-SHA-512=[name=admin,password=$password]" > /dev/null
fi
exec /opt/kafka/bin/kafka-server-start.sh "$settings" --override "advertised.listeners=CLIENT://$ADVERTISED"
