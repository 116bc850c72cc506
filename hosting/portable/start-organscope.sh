#!/bin/sh
# Starts Organscope on Linux and macOS. In a terminal: sh start-organscope.sh [--no-browser] [--port=NUMBER]
# It runs server/serve.py, or server/serve.pl where there is no Python.
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd) || exit 1
port=17480
opener=xdg-open
[ "$(uname -s)" = Darwin ] && opener=open

while [ $# -gt 0 ]; do
    case $1 in
        --no-browser) opener= ;;
        --port=*) port=${1#--port=} ;;
        *) echo "Unknown: $1. There are --no-browser and --port=NUMBER." >&2; exit 2 ;;
    esac
    shift
done
case $port in
    '' | *[!0-9]*) echo "--port needs a number." >&2; exit 2 ;;
esac

if [ -n "$opener" ] && ! command -v "$opener" >/dev/null 2>&1; then
    echo "Open the address below in Chrome or Edge."
    opener=
fi

# Whether python3 is there and works. On a Mac without Apple's tools /usr/bin/python3 only offers to install them.
has_python() {
    python=$(command -v python3) || return 1
    if [ "$(uname -s)" = Darwin ] && [ "$python" = /usr/bin/python3 ]; then
        xcode-select -p >/dev/null 2>&1 || return 1
    fi
    "$python" -I -c 'import sys; sys.exit(sys.version_info < (3, 7))' >/dev/null 2>&1
}

if has_python; then
    # -I: nothing of the user's own settings; -B: no files beside the scripts.
    exec "$python" -I -B "$here/server/serve.py" "$port" "$opener"
fi
if command -v perl >/dev/null 2>&1; then
    exec perl "$here/server/serve.pl" "$port" "$opener"
fi
echo "Neither python3 (3.7 or newer) nor perl was found. README.txt says what else can serve the folder app." >&2
exit 1
