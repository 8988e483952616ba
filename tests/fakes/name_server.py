"""A name server for tests: UDP, A and AAAA, with answers from a table that may change between look-ups."""

import ipaddress
import socketserver
import struct
import threading


def question(packet):
    """Returns (name, type, the question's bytes) of a query with one question."""
    labels, at = [], 12
    while packet[at]:
        labels.append(packet[at + 1:at + 1 + packet[at]].decode())
        at += 1 + packet[at]
    return ".".join(labels).lower(), struct.unpack(">H", packet[at + 1:at + 3])[0], packet[12:at + 5]


class Handler(socketserver.BaseRequestHandler):
    def handle(self):
        packet, sock = self.request
        name, kind, asked = question(packet)
        found = [ipaddress.ip_address(a) for a in self.server.owner.look_up(name)]
        answers = [a.packed for a in found if (a.version, kind) in ((4, 1), (6, 28))]
        body = b"".join(b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 0, len(a)) + a for a in answers)
        code = 0 if found else 3                # the name does not exist
        sock.sendto(packet[:2] + struct.pack(">HHHHH", 0x8180 | code, 1, len(answers), 0, 0) + asked + body,
                    self.client_address)


class NameServer:
    """names maps a name to a list of addresses, or to a list of such lists: one for each look-up, and the last for all
    that follow. A client asks for A and AAAA, which together count as one look-up."""

    def __init__(self, names, address="127.0.0.1", port=53):
        self.names, self.asked, self.lock = names, {}, threading.Lock()
        self.server = socketserver.ThreadingUDPServer((address, port), Handler)
        self.server.daemon_threads, self.server.owner = True, self
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def look_up(self, name):
        with self.lock:
            n = self.asked[name] = self.asked.get(name, 0) + 1
        found = self.names.get(name, [])
        if found and isinstance(found[0], list):
            return found[min((n - 1) // 2, len(found) - 1)]
        return found

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
