# Run a command with the secrets that were handed to this container, if any.
# They come from a file, so that they stand neither in the compose file nor in `docker inspect`.
set -eu
if [ -f /run/keys/environment ]; then
    set -a
    . /run/keys/environment
    set +a
fi
exec "$@"
