#!/bin/sh
# Starts Organscope on macOS with a double click.
exec /bin/sh "$(dirname -- "$0")/start-organscope.sh"
