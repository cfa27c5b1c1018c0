"""HP1 a second time: objects, tickets, handshakes, cells and healing, written from docs/protocol.md and the Noise
specification alone, in another language and over other libraries. It reads docs/vectors/hp1.json and must come to
the same bytes.

    python3 -m venv .venv && .venv/bin/pip install -r tests/second/requirements.txt
    .venv/bin/python tests/second/hp1.py

It is a check, not a client: nothing here is constant-time.
"""

import base64
import hashlib
import hmac
import json
import pathlib
import struct
import sys
import unicodedata

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from kyber_py.ml_kem import ML_KEM_768
from mnemonic import Mnemonic

RECORD, BODY, UNIT, CELL, PLAIN, TAG = 2112, 2048, 2128, 2048, 2032, 16
EK, CT = 1184, 1088
WRAPS, WRAP, CARD, MESSAGE_1, MESSAGE_2 = 8, 1168, 2064, 1232, 1224

checks = 0


def same(what, got, expected):
    """One comparison; the first that fails ends the run."""
    global checks
    checks += 1
    if got != expected:
        show = lambda v: v.hex()[:80] if isinstance(v, (bytes, bytearray)) else repr(v)[:80]
        sys.exit(f"{what} differs:\n  here      {show(got)}\n  published {show(expected)}")


# ── primitives ──


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def mac(key, data):
    return hmac.new(key, data, hashlib.sha256).digest()


def hkdf(salt, ikm, info):
    """32 bytes of HKDF-SHA256 (RFC 5869): one block."""
    return mac(mac(salt or bytes(32), ikm), info + b"\x01")


def public_ed(secret):
    return Ed25519PrivateKey.from_private_bytes(secret).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def sign(secret, message):
    return Ed25519PrivateKey.from_private_bytes(secret).sign(message)


def public_x(secret):
    return X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def dh(secret, public):
    # The library refuses an all-zero result by itself.
    return X25519PrivateKey.from_private_bytes(secret).exchange(X25519PublicKey.from_public_bytes(public))


class Kem:
    """ML-KEM-768 from the seed d ‖ z."""

    def __init__(self, seed):
        self.ek, self.dk = ML_KEM_768.key_derive(seed)

    def decapsulate(self, use, ct):
        return combine(use, ML_KEM_768.decaps(self.dk, ct), self.ek, ct)


def encapsulate(use, ek, message):
    shared, ct = ML_KEM_768._encaps_internal(ek, message)
    return ct, combine(use, shared, ek, ct)


def combine(use, shared, ek, ct):
    return hkdf(b"HP1/kem/" + use, shared, sha(ek) + sha(ct))


class Tape:
    """The random bytes of one actor, in the order in which they are drawn."""

    def __init__(self, text):
        self.data = bytes.fromhex(text)

    def take(self, length):
        assert len(self.data) >= length, "the tape is too short"
        head, self.data = self.data[:length], self.data[length:]
        return head

    def below(self, bound):
        limit = (2**64 - 1) - ((2**64 - 1) % bound)
        while True:
            draw = int.from_bytes(self.take(8), "little")
            if draw < limit:
                return draw % bound

    def shuffle(self, items):
        for last in range(len(items) - 1, 0, -1):
            other = self.below(last + 1)
            items[last], items[other] = items[other], items[last]

    def end(self, what):
        same(f"what is left of the randomness of {what}", self.data, b"")


# ── Noise, revision 34 ──


def nonce(number):
    return bytes(4) + struct.pack("<Q", number)


class Cipher:
    def __init__(self, key=None):
        self.key, self.n = key, 0

    def encrypt(self, ad, text):
        if self.key is None:
            return text
        self.n += 1
        return ChaCha20Poly1305(self.key).encrypt(nonce(self.n - 1), text, ad)

    def decrypt(self, ad, text):
        if self.key is None:
            return text
        plain = ChaCha20Poly1305(self.key).decrypt(nonce(self.n), text, ad)
        self.n += 1
        return plain

    def rekey(self):
        self.key = ChaCha20Poly1305(self.key).encrypt(nonce(2**64 - 1), bytes(32), b"")[:32]


PATTERNS = {
    "NX": ([], [["e"], ["e", "ee", "s", "es"]]),
    "Npsk0": (["rs"], [["psk", "e", "es"]]),
    "NXpsk0+psk2": ([], [["psk", "e"], ["e", "ee", "s", "es", "psk"]]),
    "Xpsk0": (["rs"], [["psk", "e", "es", "s", "ss"]]),
    "KKpsk0+psk2": (["s", "rs"], [["psk", "e", "es", "ss"], ["e", "ee", "se", "psk"]]),
}


class Noise:
    """One end of a handshake."""

    def __init__(self, pattern, initiator, prologue, s=None, rs=None, e=None, psks=()):
        name = f"Noise_{pattern}_25519_ChaChaPoly_SHA256".encode()
        self.h = name + bytes(32 - len(name)) if len(name) <= 32 else sha(name)
        self.ck, self.cipher = self.h, Cipher()
        self.initiator, self.s, self.rs, self.e, self.re = initiator, s, rs, e, None
        self.psks, self.psk_mode = list(psks), "psk" in pattern
        pre, self.messages = PATTERNS[pattern]
        self.messages = [list(message) for message in self.messages]
        self.mix_hash(prologue)
        known = lambda whose: public_x(self.s) if whose == initiator else self.rs
        if "s" in pre:
            self.mix_hash(known(True))
        if "rs" in pre:
            self.mix_hash(known(False))

    def mix_hash(self, data):
        self.h = sha(self.h, data)

    def expand(self, ikm, count):
        temp = mac(self.ck, ikm)
        out, last = [], b""
        for number in range(count):
            last = mac(temp, last + bytes([number + 1]))
            out.append(last)
        return out

    def mix_key(self, ikm):
        self.ck, key = self.expand(ikm, 2)
        self.cipher = Cipher(key)

    def mix_psk(self):
        self.ck, temp, key = self.expand(self.psks.pop(0), 3)
        self.mix_hash(temp)
        self.cipher = Cipher(key)

    def seal(self, text):
        text = self.cipher.encrypt(self.h, text)
        self.mix_hash(text)
        return text

    def open(self, text):
        plain = self.cipher.decrypt(self.h, text)
        self.mix_hash(text)
        return plain

    def agree(self, token):
        mine, theirs = token if self.initiator else token[::-1]
        self.mix_key(dh(self.e if mine == "e" else self.s, self.re if theirs == "e" else self.rs))

    def token_e(self, public):
        self.mix_hash(public)
        if self.psk_mode:
            self.mix_key(public)

    def write(self, payload):
        out = b""
        for token in self.messages.pop(0):
            if token == "e":
                out += public_x(self.e)
                self.token_e(public_x(self.e))
            elif token == "s":
                out += self.seal(public_x(self.s))
            elif token == "psk":
                self.mix_psk()
            else:
                self.agree(token)
        return out + self.seal(payload)

    def read(self, message):
        for token in self.messages.pop(0):
            if token == "e":
                self.re, message = message[:32], message[32:]
                self.token_e(self.re)
            elif token == "s":
                length = 48 if self.cipher.key else 32
                self.rs, message = self.open(message[:length]), message[length:]
            elif token == "psk":
                self.mix_psk()
            else:
                self.agree(token)
        return self.open(message)

    def split(self):
        """Sends with the first, receives with the second."""
        first, second = (Cipher(key) for key in self.expand(b"", 2))
        return (first, second) if self.initiator else (second, first)


# ── postcard ──


def number(value):
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out + bytes([value]))


def blob(data):
    return number(len(data)) + data


def text(value):
    return blob(value.encode())


def sequence(items):
    items = list(items)
    return number(len(items)) + b"".join(items)


def option(value):
    return b"\x00" if value is None else b"\x01" + value


def raw(value):
    return bytes.fromhex(value)


BODIES = {
    "delegation": lambda f: raw(f["home_peer"]) + raw(f["home_x"]) + raw(f["op_pk"]) + number(f["not_before"]) + number(f["expires"]),
    "certificate": lambda f: raw(f["serial"]) + raw(f["id_pk"]) + text(f["pseudonym"]) + sequence(map(text, f["languages"]))
    + number(f["role"]) + number(f["not_before"]) + number(f["expires"]),
    "roster": lambda f: number(f["version"]) + number(f["issued"]) + number(f["expires"]) + sequence(map(raw, f["certificates"]))
    + sequence(map(raw, f["delegations"])) + sequence(map(raw, f["revoked"])) + raw(f["settings"]),
    "duty": lambda f: raw(f["serial"]) + raw(f["x"]) + blob(raw(f["ek"])) + number(f["not_before"]) + number(f["expires"]),
    "descriptor": lambda f: raw(f["op_pk"]) + number(f["version"]) + number(f["issued"]) + number(f["expires"]) + number(f["roster_version"])
    + sequence(text(e["address"]) + raw(e["peer"]) + option(None if e["association"] is None else text(e["association"])) for e in f["entries"])
    + sequence(raw(d["serial"]) + sequence(map(text, d["languages"])) + raw(d["hash"]) for d in f["duties"]),
    "mail_key": lambda f: raw(f["serial"]) + raw(f["x"]) + raw(f["ek_hash"]) + number(f["not_before"]) + number(f["expires"]),
    "request": lambda f: raw(f["id_pk"]) + number(f["made"]),
}


REASONS = "login not_listed revoked expired not_yet_valid duty no_roster taken stale busy malformed full disk".split()

# ── the checks ──


class Vectors:
    def __init__(self, path):
        self.all = json.loads(path.read_text())
        keys = self.all["keys"]
        self.secret = {name: raw(key["secret"]) for name, key in keys.items() if isinstance(key, dict) and "secret" in key}
        self.hid = raw(keys["helpline"])
        self.duty_hash = raw(self.all["objects"]["duty"]["hash"])
        self.kem = Kem(raw(keys["duty_kem"]["seed"]))

    def derive(self, ikm, info, salt=b""):
        return hkdf(salt, ikm, info + self.hid)

    def run(self):
        for check in (self.keys, self.objects, self.address, self.files, self.kems, self.record, self.home_link, self.home):
            check()
        self.conversation()

    def keys(self):
        keys = self.all["keys"]
        for name in ("root", "identity", "operator"):
            same(name, public_ed(self.secret[name]), raw(keys[name]["public"]))
        for name in ("home_x", "duty_x", "mail_x"):
            same(name, public_x(self.secret[name]), raw(keys[name]["public"]))
        same("duty_kem", self.kem.ek, raw(keys["duty_kem"]["ek"]))
        same("mail_kem", Kem(raw(keys["mail_kem"]["seed"])).ek, raw(keys["mail_kem"]["ek"]))
        same("helpline", sha(b"HP1/root", public_ed(self.secret["root"])), self.hid)

    def objects(self):
        for name, object in self.all["objects"].items():
            body = BODIES[name](object["fields"])
            signer = object["signed_by"].split(",")[0]
            helpline = bytes(32) if name == "request" else self.hid
            signature = sign(self.secret[signer], b"HP1/" + name.encode() + b"\x00" + helpline + body)
            same(name, signature + body, raw(object["encoded"]))
            same(f"hash of {name}", sha(body), raw(object["hash"]))
        settings = self.all["settings"]
        f = settings["fields"]
        order = ("language", "hours", "confidentiality", "danger", "legal", "services")
        body = text(f["name"]) + bytes([f["chats_at_once"]]) + sequence(b"".join(text(t[k]) for k in order) for t in f["texts"])
        same("settings", body, raw(settings["encoded"]))
        same("hash of settings", sha(b"HP1/settings\x00", body), raw(settings["hash"]))

    def address(self):
        address = self.all["address"]
        body = raw(address["root"]) + bytes([len(address["routes"])])
        for route in address["routes"]:
            entry = route["entry_address"].encode()
            body += bytes([len(entry)]) + entry + raw(route["entry"]) + raw(route["home"]) + bytes([route["foreign"]])
        body += sha(b"HP1/address", body)[:4]
        same("address", "hamsa:1:" + base32(body), address["text"])
        bits = int.from_bytes(sha(b"HP1/fingerprint", raw(address["root"])), "big") >> (256 - 132)
        words = Mnemonic("english").wordlist
        same("fingerprint", " ".join(words[bits >> (132 - 11 * (n + 1)) & 2047] for n in range(12)), address["fingerprint"])

    def files(self):
        encoded = lambda name: raw(self.all["objects"][name]["encoded"])
        same("request file", "hamsa-request:1:" + base32(encoded("request")) + "\n", self.all["files"]["request"])
        certificate = encoded("certificate")
        body = struct.pack(">H", len(certificate)) + certificate + self.all["address"]["text"].encode()
        same("certificate file", "hamsa-certificate:1:" + base32(body) + "\n", self.all["files"]["certificate"])

    def kems(self):
        for use, vector in self.all["kem"].items():
            tape = Tape(vector["random"])
            kem = Kem(tape.take(64))
            ct, psk = encapsulate(use.encode(), kem.ek, tape.take(32))
            tape.end(f"kem {use}")
            same(f"ct for {use}", ct, raw(vector["ct"]))
            same(f"psk for {use}", psk, raw(vector["psk"]))
            same(f"psk for {use}, opened", kem.decapsulate(use.encode(), ct), psk)

    def record(self):
        r = self.all["record"]
        same("record", record(r["kind"], r["request"], raw(r["token"]), r["index"], r["ack"], raw(r["body"]), r["more"]), raw(r["encoded"]))

    def home_link(self):
        link = self.all["home_link"]
        delegation = self.all["objects"]["delegation"]
        prologue = b"HP1/home" + self.hid + raw(delegation["fields"]["home_peer"])
        client, home = Tape(link["random_client"]), Tape(link["random_home"])
        one = Noise("NX", True, prologue, e=client.take(32))
        two = Noise("NX", False, prologue, s=self.secret["home_x"], e=home.take(32))
        client.end("the client")
        home.end("the home")
        first = one.write(bytes(UNIT - 32))
        same("home link, message 1", first, raw(link["message_1"]))
        two.read(first)
        encoded = raw(delegation["encoded"])
        payload = struct.pack(">H", len(encoded)) + encoded
        second = two.write(payload + bytes(UNIT - 32 - 48 - TAG - len(payload)))
        same("home link, message 2", second, raw(link["message_2"]))
        same("delegation inside", one.read(second)[2 : 2 + len(encoded)], encoded)
        same("home_x", one.rs, public_x(self.secret["home_x"]))
        same("home link, hash", one.h, raw(link["hash"]))
        same("home link, hash at home", two.h, one.h)
        (up, down), (home_down, home_up) = one.split(), two.split()
        for name, seal, open in (("client_to_home", up, home_up), ("home_to_client", home_down, down)):
            unit = seal.encrypt(b"", raw(link[name]["record"]))
            same(name, unit, raw(link[name]["unit"]))
            same(f"{name}, opened", open.decrypt(b"", unit), raw(link[name]["record"]))
        serial = raw(self.all["objects"]["certificate"]["fields"]["serial"])
        message = b"HP1/login\x00" + self.hid + one.rs + one.h + serial
        same("login message", message, raw(link["login"]["message"]))
        same("login", sign(self.secret["identity"], message), raw(link["login"]["signature"]))

    def home(self):
        home = self.all["home"]
        certificate = self.all["objects"]["certificate"]
        encoded = raw(certificate["encoded"])
        message = b"HP1/login\x00" + self.hid + public_x(self.secret["home_x"]) + raw(home["login"]["link_hash"]) + raw(certificate["fields"]["serial"])
        body = struct.pack(">H", len(encoded)) + encoded + sign(self.secret["identity"], message)
        same("body of a login", body, raw(home["login"]["body"]))
        posting = home["posting"]
        slot = sha(b"HP1/token", raw(posting["slot_token"]))
        head = raw(posting["ticket"]) + number(posting["attempt"]) + slot + option(None) + number(12640)
        same("posting", head, raw(posting["head"]))
        receipt = home["receipt"]
        code = mac(raw(receipt["receipt_key"]), b"HP1/receipt" + raw(posting["ticket"]) + struct.pack(">Q", receipt["order"]))
        same("receipt", code, raw(receipt["mac"]))
        receipt = number(receipt["order"]) + code
        same("receipt, encoded", receipt, raw(home["receipt"]["encoded"]))
        self.handed_out(home)
        body = bytes([posting["body_byte"]]) * 12640
        order = home["receipt"]["order"]
        shown = raw(posting["ticket"]) + number(posting["attempt"]) + bytes(32) + option(number(order) + bytes(32)) + blob(body)
        long("ticket as desks see it", shown, home["shown_to_desks"], len(body))
        ticket = self.all["ticket"]
        slot = sha(b"HP1/token", raw(self.all["tokens"]["answer_slot"]))
        again = raw(ticket["ticket"]) + number(ticket["attempt"]) + slot + option(receipt) + blob(raw(ticket["body"]))
        long("posting with a receipt", again, ticket["posting_with_receipt"], 12640)
        for code, name in enumerate(REASONS):
            same(f"refusal {name}", bytes([code]), raw(home["refusals"][name]))
        same("reasons", sorted(REASONS), sorted(home["refusals"]))
        refused = home["refused_answer"]
        whole = record(77, refused["request"], raw(refused["token"]), refused["index"], 0, bytes([REASONS.index(refused["reason"])]))
        same("refused answer", whole, raw(refused["encoded"]) + bytes(RECORD - 65))

    def handed_out(self, home):
        """The head, a page of duties and a page of mail keys."""
        objects = self.all["objects"]
        encoded = lambda name: raw(objects[name]["encoded"])
        now, certificate = 1_790_000_000, objects["certificate"]["fields"]
        fields = {
            "op_pk": self.all["keys"]["operator"]["public"],
            "version": home["head"]["descriptor_version"],
            "issued": now,
            "expires": now + 86400,
            "roster_version": objects["roster"]["fields"]["version"],
            "entries": [],
            "duties": [{"serial": certificate["serial"], "languages": certificate["languages"], "hash": objects["duty"]["hash"]}],
        }
        body = BODIES["descriptor"](fields)
        descriptor = sign(self.secret["operator"], b"HP1/descriptor\x00" + self.hid + body) + body
        same("head", blob(encoded("roster")) + blob(descriptor), raw(home["head"]["encoded"]))
        ek = raw(self.all["keys"]["mail_kem"]["ek"])
        same("publication of a mail key", blob(encoded("mail_key")) + blob(ek), raw(home["publish_mail_key"]))
        pages = (("duty_page", ("duty",), b""), ("mail_key_page", ("mail_key",), blob(ek)))
        for page, names, rest in pages:
            slot = b"".join(blob(encoded(name)) for name in ("certificate", *names)) + rest
            slot = struct.pack(">H", len(slot)) + slot
            same(page, slot, raw(home[page]["slot"]))
            same(f"whole {page}", sha(slot + bytes(8 * BODY - len(slot))), raw(home[page]["sha256"]))

    # A ticket, the chat it becomes, and its healing.

    def conversation(self):
        binding, sealed, message_1 = self.ticket()
        one, two = self.live(binding, sealed, message_1)
        self.chat(one, two)
        self.tokens(sealed["t"], one.h)
        self.mail(one.h)

    def wrap(self, tape, prologue, x, ek, t):
        ct, psk = encapsulate(b"wrap", ek, tape.take(32))
        end = Noise("Npsk0", True, prologue, rs=x, e=tape.take(32), psks=[psk])
        return ct + end.write(t)

    def wraps(self, tape, prologue, known, x, ek, t):
        """One wrap for somebody, seven for nobody, in random order."""
        wraps = [self.wrap(tape, prologue + known, x, ek, t)]
        while len(wraps) < WRAPS:
            x, kem, nobody = public_x(tape.take(32)), Kem(tape.take(64)), tape.take(32)
            wraps.append(self.wrap(tape, prologue + nobody, x, kem.ek, t))
        tape.shuffle(wraps)
        return b"".join(wraps)

    def ticket(self):
        ticket = self.all["ticket"]
        tape = Tape(ticket["random"])
        binding = self.hid + raw(ticket["ticket"]) + struct.pack(">I", ticket["attempt"])
        t = tape.take(32)
        same("ticket secret", t, raw(ticket["secret"]))
        fields = self.all["objects"]["duty"]["fields"]
        wraps = self.wraps(tape, b"HP1/wrap" + binding, self.duty_hash, raw(fields["x"]), raw(fields["ek"]), t)
        intake = ticket["intake"]
        plain = text(intake["language"]) + bytes([intake["urgent"]]) + text(intake["text"])
        plain = padded(plain, CARD - TAG)
        card = ChaCha20Poly1305(self.derive(t, b"HP1/card")).encrypt(bytes(12), plain, binding + sha(wraps))
        prologue = b"HP1/live" + binding + sha(wraps, card)
        seeker = Noise("NXpsk0+psk2", True, prologue, e=tape.take(32), psks=[self.derive(t, b"HP1/psk0")])
        kem = Kem(tape.take(64))
        tape.end("the ticket")
        message_1 = seeker.write(kem.ek)
        same("length of message 1", len(message_1), MESSAGE_1)
        same("ticket body", wraps + card + message_1, raw(ticket["body"]))
        self.open_ticket(binding, t, wraps)
        return prologue, {"t": t, "seeker": seeker, "kem": kem}, message_1

    def open_ticket(self, binding, t, wraps):
        """As the counselor: one of the eight wraps opens."""
        opened = []
        for begin in range(0, len(wraps), WRAP):
            ct, message = wraps[begin : begin + CT], wraps[begin + CT : begin + WRAP]
            psk = self.kem.decapsulate(b"wrap", ct)
            end = Noise("Npsk0", False, b"HP1/wrap" + binding + self.duty_hash, s=self.secret["duty_x"], psks=[psk])
            try:
                opened.append(end.read(message))
            except InvalidTag:
                pass
        same("wraps that open", opened, [t])

    def live(self, prologue, sealed, message_1):
        live = self.all["live"]
        tape = Tape(live["random"])
        psk0 = self.derive(sealed["t"], b"HP1/psk0")
        same("psk0", psk0, raw(live["psk0"]))
        counselor = Noise("NXpsk0+psk2", False, prologue, s=self.secret["duty_x"], e=tape.take(32), psks=[psk0])
        ek = counselor.read(message_1)
        ct, psk2 = encapsulate(b"live", ek, tape.take(32))
        tape.end("the answer")
        counselor.psks.append(psk2)
        payload = self.duty_hash + struct.pack(">Q", live["roster_version"])
        message_2 = ct + counselor.write(payload)
        same("length of message 2", len(message_2), MESSAGE_2)
        same("message 2", message_2, raw(live["message_2"]))
        seeker = sealed["seeker"]
        seeker.psks.append(sealed["kem"].decapsulate(b"live", message_2[:CT]))
        same("payload of message 2", seeker.read(message_2[CT:]), payload)
        same("the counselor's key", seeker.rs, public_x(self.secret["duty_x"]))
        same("h_0", seeker.h, raw(live["h_0"]))
        same("h_0 at the counselor", counselor.h, seeker.h)
        ticket = self.all["ticket"]
        lost = b"HP1/lost\x00" + self.hid + raw(ticket["ticket"]) + struct.pack(">I", ticket["attempt"]) + b"\x0f" * 16
        same("lost message", lost, raw(live["lost_message"]))
        return seeker, counselor

    def chat(self, one, two):
        chat = self.all["chat"]
        tapes = {"seeker": Tape(chat["random_seeker"]), "counselor": Tape(chat["random_counselor"])}
        send, receive = {}, {}
        for name, other, end in (("seeker", "counselor", one), ("counselor", "seeker", two)):
            send[name], receive[name] = end.split()
        r = {name: tape.take(32) for name, tape in tapes.items()}
        own = tapes["seeker"].take(32)
        # She was here before: the proof is checked with the rest of the mail.
        proof = raw(self.all["mail"]["return_proof"]["proof"])
        hello = {"seeker": r["seeker"] + public_x(own) + proof, "counselor": r["counselor"] + raw(chat["source"])}
        chain = self.derive(r["seeker"] + r["counselor"], b"HP1/chain", salt=one.h)
        same("chain_0", chain, raw(chat["chain_0"]))
        said = [dict(message) for message in chat["said"]]
        shown, parts = [], {"seeker": b"", "counselor": b""}
        taken = {"seeker": 0, "counselor": 0}
        asked = None
        for cell in chat["cells"]:
            name = cell["from"]
            other = "counselor" if name == "seeker" else "seeker"
            sealed = raw(cell["cell"])
            same("length of a cell", len(sealed), CELL)
            plain = receive[other].decrypt(b"", sealed)
            kind, ack, length = struct.unpack(">BQH", plain[:11])
            body = plain[11 : 11 + length]
            same("kind of a cell", kind, cell["kind"])
            # The first cell is made before anything could have come.
            same("acknowledgement", ack, 0 if kind == 1 else taken[name])
            same("padding", plain[11 + length :], bytes(PLAIN - 11 - length))
            # What this side would have said, from the same state, is the same cell.
            if kind == 1:
                expected = hello[name]
            elif kind == 2:
                if not parts[name]:
                    message = next(m for m in said if m["from"] == name)
                    said.remove(message)
                    words, key = message["text"].encode(), message["id"].encode()
                    parts[name] = bytes([len(key)]) + key + words
                    shown.append(message)
                first = not body or body[0] & 1
                part, parts[name] = parts[name][:2020], parts[name][2020:]
                expected = bytes([(1 if first else 0) | (0 if parts[name] else 2)]) + part
            elif kind == 5:
                asked = self.ask(tapes["seeker"], own, chain, one.h)
                expected = asked[1]
            elif kind == 6:
                healed = self.heal(tapes["counselor"], public_x(own), chain, one.h, asked)
                expected = healed["body"]
            elif kind == 7:
                expected = raw(chat["colleague"]["serial"]) + text(chat["colleague"]["pseudonym"])
            elif kind == 9:
                expected = bytes([chat["pace"]["pause"] | chat["pace"]["no_details"] << 1])
            else:
                expected = {3: b"", 4: b"\x01", 8: b"\x00"}[kind]
            same(f"body of cell {cell['index']} of the {name}", body, expected)
            again = struct.pack(">BQH", kind, ack, len(expected)) + expected
            again += bytes(PLAIN - len(again))
            same(f"cell {cell['index']} of the {name}", send[name].encrypt(b"", again), sealed)
            # One key, one cell; the nonce goes on.
            send[name].rekey()
            receive[other].rekey()
            taken[other] += 1
            if kind == 6:
                send["seeker"], receive["seeker"] = healed["seeker"]
                send["counselor"], receive["counselor"] = healed["counselor"]
                chain = healed["chain"]
                same("chain_1", chain, raw(chat["chain_1"]))
        same("everything was said", (said, len(shown)), ([], len(chat["said"])))
        for name, tape in tapes.items():
            tape.end(name)

    def ratchet(self, chain, h):
        prologue = b"HP1/ratchet" + self.hid + raw(self.all["ticket"]["ticket"]) + struct.pack(">I", 1) + h
        return prologue, self.derive(chain, b"HP1/ratchet")

    def ask(self, tape, own, chain, h):
        prologue, psk0 = self.ratchet(chain, h)
        e, kem, r = tape.take(32), Kem(tape.take(64)), tape.take(32)
        end = Noise("KKpsk0+psk2", True, prologue, s=own, rs=public_x(self.secret["duty_x"]), e=e, psks=[psk0])
        return end, end.write(kem.ek + r), kem, r

    def heal(self, tape, seeker, chain, h, asked):
        prologue, psk0 = self.ratchet(chain, h)
        e = tape.take(32)
        end = Noise("KKpsk0+psk2", False, prologue, s=self.secret["duty_x"], rs=seeker, e=e, psks=[psk0])
        payload = end.read(asked[1])
        ct, psk2 = encapsulate(b"ratchet", payload[:EK], tape.take(32))
        end.psks.append(psk2)
        r = tape.take(32)
        message = end.write(r)
        first = asked[0]
        first.psks.append(asked[2].decapsulate(b"ratchet", ct))
        same("the counselor's part", first.read(message), r)
        same("h_1 at both ends", first.h, end.h)
        return {
            "body": ct + message,
            "chain": self.derive(asked[3] + r, b"HP1/chain" + end.h, salt=chain),
            "seeker": first.split(),
            "counselor": end.split(),
        }

    def tokens(self, t, h):
        tokens = self.all["tokens"]
        home = public_x(self.secret["home_x"])
        attempt = struct.pack(">I", self.all["ticket"]["attempt"])
        slot = self.derive(t, b"HP1/answer" + attempt + home)
        same("answer slot", slot, raw(tokens["answer_slot"]))
        same("hash of the answer slot", sha(b"HP1/token", slot), raw(tokens["hash_of_answer_slot"]))
        channels = self.derive(h, b"HP1/channels")
        same("channels", channels, raw(tokens["channels"]))
        token = lambda way, use: self.derive(channels, b"HP1/channel" + home + bytes([way, use]))
        names = [("put_from_seeker", 0, 0), ("put_from_counselor", 1, 0), ("listen_from_seeker", 0, 1), ("listen_from_counselor", 1, 1)]
        for name, way, use in names:
            same(name, token(way, use), raw(tokens[name]))
        lane = lambda way, start: sha(b"HP1/token", token(way, 0)) + sha(b"HP1/token", token(way, 1)) + number(start)
        opening = lane(0, 0) + lane(1, tokens["opening"]["from_counselor_start"])
        same("opening", opening, raw(tokens["opening"]["encoded"]))

    # A phrase, what is left with it, and the answer.

    def mail(self, h_0):
        mail = self.all["mail"]
        bits = [self.phrase(phrase) for phrase in mail["phrases"]]
        root = public_ed(self.secret["root"])
        kdf = Argon2id(salt=b"HP1/return" + root, length=128, iterations=4, lanes=1, memory_cost=262144)
        keys = kdf.derive(bits[0])
        x, kem, mailbox = keys[:32], Kem(keys[32:96]), keys[96:]
        same("return key", x, raw(mail["return_keys"]["x"]))
        same("return seed", keys[32:96], raw(mail["return_keys"]["kem_seed"]))
        same("mailbox", mailbox, raw(mail["return_keys"]["mailbox"]))
        duty, home = public_x(self.secret["duty_x"]), public_x(self.secret["home_x"])
        key = self.derive(dh(x, duty), b"HP1/return" + public_x(x) + duty)
        same("h_0 of the proof", h_0, raw(mail["return_proof"]["h_0"]))
        same("return proof", public_x(x) + mac(key, h_0), raw(mail["return_proof"]["proof"]))
        read = self.derive(mailbox, b"HP1/mailread" + home)
        same("read token", read, raw(mail["tokens"]["read"]))
        deposit = self.deposit(mail["deposit"], x, kem, home, read)
        same("write token", self.derive(deposit[0], b"HP1/mailwrite" + home), raw(mail["tokens"]["write"]))
        self.reply(mail["reply"], deposit[1], x, kem, read)

    def phrase(self, phrase):
        tape = Tape(phrase["random"])
        bits = tape.take(10)
        tape.end("a phrase")
        number = int.from_bytes(bits + sha(b"HP1/phrase", bits)[:1], "big")
        words = Mnemonic(phrase["list"]).wordlist
        chosen = [words[number >> (77 - 11 * n) & 2047] for n in range(8)]
        same("words", [unicodedata.normalize("NFC", word) for word in chosen], phrase["words"].split(" "))
        positions = {folded(word): position for position, word in enumerate(words)}
        same("words without accents are the same", len(positions), 2048)
        return bits

    def deposit(self, deposit, x, kem, home, read):
        tape = Tape(deposit["random"])
        fields = self.all["objects"]["mail_key"]["fields"]
        same("hash of the mail key's ek", sha(raw(self.all["keys"]["mail_kem"]["ek"])), raw(fields["ek_hash"]))
        t = tape.take(32)
        same("deposit secret", t, raw(deposit["secret"]))
        known, ek = raw(self.all["objects"]["mail_key"]["hash"]), raw(self.all["keys"]["mail_kem"]["ek"])
        wraps = self.wraps(tape, b"HP1/mailwrap" + self.hid, known, raw(fields["x"]), ek, t)
        tape.end("the deposit")
        card = deposit["card"]
        plain = text(card["language"]) + bytes([card["returning"]]) + public_x(x) + blob(kem.ek)
        plain += sequence([home + sha(b"HP1/token", read)]) + text(card["text"])
        sealed = ChaCha20Poly1305(self.derive(t, b"HP1/mailcard")).encrypt(bytes(12), padded(plain, 6144), self.hid + sha(wraps))
        same("deposit", wraps + sealed, raw(deposit["body"]))
        same("its name", sha(wraps, sealed), raw(deposit["id"]))
        write = self.derive(t, b"HP1/mailwrite" + home)
        posting = sha(b"HP1/token", write) + sha(b"HP1/token", read) + blob(wraps + sealed)
        long("posting of a deposit", posting, deposit["posting"], len(wraps + sealed))
        return t, sha(wraps, sealed)

    def reply(self, reply, deposit, x, kem, read):
        tape = Tape(reply["random"])
        ct, psk = encapsulate(b"mail", kem.ek, tape.take(32))
        objects = self.all["objects"]
        plain = deposit + number(reply["date"]) + blob(raw(objects["mail_key"]["encoded"]))
        plain += blob(raw(objects["certificate"]["encoded"])) + text(reply["text"])
        prologue = b"HP1/mail" + self.hid + deposit
        end = Noise("Xpsk0", True, prologue, s=self.secret["mail_x"], rs=public_x(x), e=tape.take(32), psks=[psk])
        tape.end("the reply")
        message = end.write(padded(plain, 2880))
        same("reply", deposit + ct + message, raw(reply["object"]))
        long("posting of a reply", sha(b"HP1/token", read) + blob(deposit + ct + message), reply["posting"], 4096)
        end = Noise("Xpsk0", False, prologue, s=x, psks=[kem.decapsulate(b"mail", ct)])
        same("reply, opened", end.read(message), padded(plain, 2880))
        same("who wrote it", end.rs, public_x(self.secret["mail_x"]))


def long(what, whole, published, known):
    """An object whose end is known: what stands before it, and the hash of the whole."""
    same(what, whole[: len(whole) - known], raw(published["head"]))
    same(f"length of {what}", len(whole), published["bytes"])
    same(f"whole {what}", sha(whole), raw(published["sha256"]))


def padded(data, length):
    data = struct.pack(">H", len(data)) + data
    return data + bytes(length - len(data))


def folded(word):
    """Without accents: that is how words are compared."""
    return "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))


def base32(data):
    return base64.b32encode(data).decode().rstrip("=")


def record(kind, request, token, index, ack, body, more=False):
    head = struct.pack(">BBI", kind, int(more), request) + token + struct.pack(">QQH", index, ack, len(body))
    head += bytes(64 - len(head)) + body
    return head + bytes(RECORD - len(head))


if __name__ == "__main__":
    root = pathlib.Path(__file__).resolve().parents[2]
    Vectors(root / "docs" / "vectors" / "hp1.json").run()
    print(f"{checks} comparisons, all alike")
