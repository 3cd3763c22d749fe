#!/bin/bash
# The systems of a made-up force, outside the compose project, for a walk through docs/operating.md:
#   force.sh files FOLDER     its certificate authority, certificates, secrets and settings, as its engineer would get them
#   force.sh provider FOLDER  Keycloak with people of the force (a container on the host's network)
#   force.sh police FOLDER    the police simulator with a certificate of the force; it asks transfer for one (until Ctrl-C)
# HOST is an address of this machine that containers reach, such as that of the bridge docker0.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
host=${HOST:-172.17.0.1}
folder=$2
issue() { # NAME SUBJECT_ALT_NAMES: a key, a certificate and the authority's in one file
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" -keyout "$1.key" -out "$1.csr" 2> /dev/null
    openssl x509 -req -in "$1.csr" -CA force-ca.pem -CAkey force-ca.key -CAcreateserial -days 365 -out "$1.crt" \
        -extfile <(printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth,clientAuth\n' "$2") 2> /dev/null
    cat "$1.crt" force-ca.pem "$1.key" > "$1.pem"
}
case $1 in
files)
    mkdir -p "$folder" && cd "$folder" && umask 077
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj "/CN=Force authority" \
        -addext basicConstraints=critical,CA:true -addext keyUsage=critical,keyCertSign,cRLSign \
        -keyout force-ca.key -out force-ca.pem 2> /dev/null
    issue public "DNS:submit.force.example,DNS:triage.force.example,DNS:source-desk.force.example"
    issue provider "IP:$host" && issue police "IP:$host" && issue transfer "DNS:pipeline.force.example"
    for secret in triage_client_secret desk_client_secret police_token; do openssl rand -hex 24 > "$secret"; done
    ;;
provider)
    cd "$folder" && mkdir -p import
    sed -e "s/TRIAGE_SECRET/$(cat triage_client_secret)/" -e "s/DESK_SECRET/$(cat desk_client_secret)/" \
        "$here/realm.json" > import/force.json
    cp provider.crt provider.key force-ca.pem import/ && chmod -R a+rX import
    exec docker run --detach --name "${PROVIDER:-force-provider}" --network host --memory 1500m \
        --volume "$PWD/import:/opt/keycloak/data/import:ro" "${KEYCLOAK_IMAGE:-quay.io/keycloak/keycloak:26.4.7}" \
        start-dev --import-realm --hostname "https://$host:18443" --http-enabled=false --https-port=18443 \
        --http-management-port=19000 --truststore-paths=/opt/keycloak/data/import/force-ca.pem \
        --https-certificate-file=/opt/keycloak/data/import/provider.crt \
        --https-certificate-key-file=/opt/keycloak/data/import/provider.key
    ;;
police)
    cd "$folder" && mkdir -p records && chmod 600 police.pem
    POLICE_ENVIRONMENT=local POLICE_IN_CONTAINER=true POLICE_HOST=$host POLICE_PORT=18105 POLICE_STORE=$PWD/records \
        POLICE_TOKEN_FILE=$PWD/police_token POLICE_CERTIFICATE_FILE=$PWD/police.pem POLICE_CLIENT_CA_FILE=$PWD/force-ca.pem \
        exec "$here/../../.venv/bin/python" -m pipeline_simulators.police
    ;;
esac
