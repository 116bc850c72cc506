"""Serves the folder app/ to the browser of this computer, and to nobody else. Python 3.7 or newer, nothing to install.

It listens on 127.0.0.1 only, answers GET and HEAD for the files that were there when it started, and writes nothing.
headers.txt and types.txt beside it say what it sends; serve.pl and serve.ps1 do the same.
"""
import os
import re
import shutil
import socketserver
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler
from urllib.parse import unquote

HERE = os.path.dirname(os.path.abspath(__file__))
APP = os.path.join(os.path.dirname(HERE), "app")
PORTS_TRIED = 10


def read_table(name):
    """Lines "key: value" of a file beside this one."""
    with open(os.path.join(HERE, name), encoding="utf-8") as file:
        return dict(line.rstrip("\r\n").split(": ", 1) for line in file if ": " in line)


HEADERS = read_table("headers.txt")
TYPES = read_table("types.txt")
CACHE = read_table("cache.txt")


def list_files():
    """Path of a file on the disk by its address. What is not in here is not served, so no address leads out of app/."""
    files = {}
    for folder, _, names in os.walk(APP):
        for name in names:
            path = os.path.join(folder, name)
            files["/" + os.path.relpath(path, APP).replace(os.sep, "/")] = path
    return files


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60  # seconds without a request, after which a connection ends

    def do_GET(self):
        # Another name here is another site that has led its own name to this computer (DNS rebinding).
        port = self.server.server_address[1]
        if self.headers.get("Host") not in ("127.0.0.1:%d" % port, "localhost:%d" % port):
            return self.answer_text(403, "This server answers to 127.0.0.1 only.\n")
        address = unquote(self.path.split("?", 1)[0])
        if address == "/":
            address = "/index.html"
        path = self.server.files.get(address)
        if path is None:
            return self.answer_text(404, "Not found.\n")
        with open(path, "rb") as file:
            kept = "hashed" if re.search(CACHE["pattern"], address) else "others"
            kind = TYPES.get(address.rsplit(".", 1)[-1], TYPES["*"])
            self.start_answer(200, kind, os.fstat(file.fileno()).st_size, CACHE[kept])
            if self.command == "GET":
                shutil.copyfileobj(file, self.wfile, 1 << 16)

    do_HEAD = do_GET

    def answer_text(self, status, text):
        body = text.encode()
        self.start_answer(status, "text/plain", len(body), CACHE["others"])
        if self.command == "GET":
            self.wfile.write(body)

    def start_answer(self, status, kind, length, cache, last=False):
        self.send_response(status)
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(length))
        self.send_header("Cache-Control", cache)
        if last:
            self.send_header("Connection", "close")
        self.end_headers()

    def send_error(self, code, message=None, explain=None):
        """Called for other methods and for what is no HTTP. The connection ends, for a body may follow."""
        self.request_version = "HTTP/1.1"
        self.command = self.command or "GET"
        body = ("%d\n" % code).encode()
        self.start_answer(405 if code == 501 else code, "text/plain", len(body), CACHE["others"], last=True)
        self.wfile.write(body)

    def log_message(self, *_):
        """Says nothing: what was opened here is nobody's business."""


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 128
    # Elsewhere it means that a port just left can be used at once; on Windows, that two servers may share one.
    allow_reuse_address = os.name != "nt"

    def handle_error(self, *_):
        """A browser that ends a download early is no error."""


def listen(first):
    """On the first free port: a fixed one where possible, since the browser keeps models by address and port."""
    for port in range(first, first + PORTS_TRIED):
        try:
            return Server(("127.0.0.1", port), Handler)
        except OSError as error:
            print("Port %d is taken (%s). Perhaps Organscope runs already: look for its window." % (port, error.strerror))
    sys.exit("No free port from %d to %d." % (first, first + PORTS_TRIED - 1))


def main(port, opener):
    if not os.path.isfile(os.path.join(APP, "index.html")):
        sys.exit("The folder app is missing beside the folder server. Unpack the whole zip first.")
    server = listen(int(port))
    server.files = list_files()
    url = "http://127.0.0.1:%d/" % server.server_address[1]
    print("Organscope is running: %s\nTo stop it, press Ctrl+C or close this window." % url, flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    if opener:
        quiet = subprocess.DEVNULL
        subprocess.Popen([opener, url], stdin=quiet, stdout=quiet, stderr=quiet)
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        print("Stopped.")


if __name__ == "__main__":
    main(*sys.argv[1:3])
