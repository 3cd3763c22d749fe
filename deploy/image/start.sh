# Run a command with this container's secrets, if it has any.
# They come from a file, so that neither the compose file nor `docker inspect` shows them.
set -eu
if [ -f /run/keys/environment ]; then
    set -a
    . /run/keys/environment
    set +a
fi
exec "$@"
