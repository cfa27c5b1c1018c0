"""HP1 a second time: objects, records, tickets, handshakes, cells and healing, written from docs/protocol.md and the Noise
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

import regex
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from kyber_py.ml_kem import ML_KEM_768
from mnemonic import Mnemonic

RECORD, BODY, UNIT, CELL, PLAIN, HEAD, TAG = 2112, 2048, 2128, 2048, 2032, 20, 16
EK, CT = 1184, 1088
WRAPS, WRAP, CARD, MESSAGE_1, MESSAGE_2 = 8, 1168, 272, 1232, 1264
TICKET = WRAPS * WRAP + CARD + MESSAGE_1

# Of a name: letters as a person counts them, bytes, what shows nothing, and a joiner that joins.
LETTERS, LABEL = 48, 192
UNSEEN = r"[\p{Default_Ignorable_Code_Point}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\u2800\ufff0-\ufffb]"
LETTER = r"[\p{Alphabetic}\p{M}]"
JOINED = rf"(?<={LETTER})[\u200c\u200d](?={LETTER})"

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


def verify(public, signature, message):
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
        return True
    except InvalidSignature:
        return False


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


def label(value):
    return None if value is None else text(value)


def raw(value):
    return bytes.fromhex(value)


BODIES = {
    "delegation": lambda f: raw(f["home_peer"]) + raw(f["home_x"]) + raw(f["op_pk"]) + number(f["not_before"]) + number(f["expires"]),
    "certificate": lambda f: raw(f["serial"]) + raw(f["id_pk"]) + text(f["pseudonym"]) + sequence(map(text, f["languages"]))
    + number(f["role"]) + number(f["not_before"]) + number(f["expires"]),
    "roster": lambda f: number(f["version"]) + number(f["issued"]) + number(f["expires"]) + sequence(map(raw, f["certificates"]))
    + sequence(map(raw, f["delegations"])) + sequence(map(raw, f["revoked"])) + raw(f["settings"]) + raw(f["entries"]),
    "duty": lambda f: raw(f["serial"]) + raw(f["x"]) + blob(raw(f["ek"])) + number(f["not_before"]) + number(f["expires"]),
    "descriptor": lambda f: raw(f["op_pk"]) + number(f["version"]) + number(f["issued"]) + number(f["expires"]) + number(f["roster_version"])
    + sequence(map(raw, f["entries"]))
    + sequence(raw(d["serial"]) + sequence(map(text, d["languages"])) + raw(d["hash"]) for d in f["duties"]),
    "entries": lambda f: sequence(text(e["address"]) + raw(e["peer"]) + option(label(e["association"])) for e in f["entries"]),
    "lend": lambda f: raw(f["entry"]) + raw(f["helpline"]) + option(label(f["name"])) + number(f["not_before"]) + number(f["expires"]),
    "mail_key": lambda f: raw(f["serial"]) + raw(f["x"]) + raw(f["ek_hash"]) + number(f["not_before"]) + number(f["expires"]),
    "request": lambda f: raw(f["id_pk"]) + number(f["made"]),
}


REASONS = "login not_listed revoked expired not_yet_valid duty no_roster taken stale busy malformed full disk effort".split()

KINDS = {
    1: "Describe Duties Settings Heartbeat Login PublishDuty WithdrawDuty Post Withdraw Hold Reject Claim Answer Open Put Listen Ack Close "
    "PublishMailKey MailKeys Deposit Mails FetchMail MailClaim Reply Read Survey",
    30: "Lost Pay Abuse",
    64: "Head DutyPage SettingsText Beat LoggedIn OnDuty OffDuty Posted Place Answered Ticket TicketGone Granted Refused Opened Stored Full "
    "Gone Cell Bye MailKeyKept MailKeyPage Deposited MailNames Mail MailGone Replied Letter ReadEnd",
    94: "Yours LostBy Counted Living",
}
KINDS = {name: first + place for first, names in KINDS.items() for place, name in enumerate(names.split())}
# What may be longer than a record; of all others the body is within one.
OBJECTS = {"Post", "Deposit", "Reply", "Head", "DutyPage", "SettingsText", "Ticket", "MailKeyPage", "Mail", "Letter"}
# Of a whole object that spans records; settings are the longest.
OBJECT = 32768

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
        self.survey()
        self.puzzle()
        self.labels()
        self.malformed()
        self.records()

    def keys(self):
        keys = self.all["keys"]
        for name in ("root", "identity", "operator", "lender"):
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
        routes = bytes([len(address["routes"])])
        for route in address["routes"]:
            entry = route["entry_address"].encode()
            routes += bytes([len(entry)]) + entry + raw(route["entry"]) + raw(route["home"])
        body = raw(address["root"]) + routes + sign(self.secret["root"], b"HP1/routes\x00" + self.hid + routes)
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
        lend = encoded("lend")
        entry = self.all["objects"]["entries"]["fields"]["entries"][0]
        body = struct.pack(">H", len(lend)) + lend + entry["address"].encode()
        same("lend file", "hamsa-lend:1:" + base32(body) + "\n", self.all["files"]["lend"])

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

    def receipt(self, issued):
        """The receipt of the ticket of `home`, given at this time."""
        home = self.all["home"]
        receipt, posting = home["receipt"], home["posting"]
        owner = sha(b"HP1/token", raw(posting["withdraw"]))
        signed = owner + raw(posting["ticket"]) + struct.pack(">QQ", receipt["order"], issued)
        return number(receipt["order"]) + number(issued) + mac(raw(receipt["receipt_key"]), b"HP1/receipt" + signed)

    def home(self):
        home = self.all["home"]
        certificate = self.all["objects"]["certificate"]
        encoded = raw(certificate["encoded"])
        message = b"HP1/login\x00" + self.hid + public_x(self.secret["home_x"]) + raw(home["login"]["link_hash"]) + raw(certificate["fields"]["serial"])
        body = struct.pack(">H", len(encoded)) + encoded + sign(self.secret["identity"], message)
        same("body of a login", body, raw(home["login"]["body"]))
        posting = home["posting"]
        slot = sha(b"HP1/token", raw(posting["slot_token"]))
        head = raw(posting["ticket"]) + number(posting["attempt"]) + slot + option(None) + number(TICKET)
        same("posting", head, raw(posting["head"]))
        receipt = home["receipt"]
        encoded = self.receipt(receipt["issued"])
        same("receipt", encoded[-32:], raw(receipt["mac"]))
        same("receipt, encoded", encoded, raw(receipt["encoded"]))
        receipt = encoded
        self.handed_out(home)
        body = bytes([posting["body_byte"]]) * TICKET
        order = home["receipt"]["order"]
        shown = raw(posting["ticket"]) + number(posting["attempt"]) + number(order) + option(None) + blob(body)
        long("ticket as desks see it", shown, home["shown_to_desks"], len(body))
        ticket = self.all["ticket"]
        slot = sha(b"HP1/token", raw(self.all["tokens"]["answer_slot"]))
        again = raw(ticket["ticket"]) + number(ticket["attempt"]) + slot + option(receipt) + blob(raw(ticket["body"]))
        long("posting with a receipt", again, ticket["posting_with_receipt"], TICKET)
        for code, name in enumerate(REASONS):
            prices = b"\x5e" * 16 + bytes([1, 0, 8]) if name == "effort" else b""
            same(f"refusal {name}", bytes([code]) + prices, raw(home["refusals"][name]))
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
            "entries": objects["descriptor"]["fields"]["entries"],
            "duties": [{"serial": certificate["serial"], "languages": certificate["languages"], "hash": objects["duty"]["hash"]}],
        }
        body = BODIES["descriptor"](fields)
        descriptor = sign(self.secret["operator"], b"HP1/descriptor\x00" + self.hid + body) + body
        prices = raw(home["seed"]) + bytes(3)
        parts = blob(encoded("roster")) + blob(descriptor) + blob(encoded("entries")) + sequence([blob(encoded("lend"))])
        same("head", parts + prices, raw(home["head"]["encoded"]))
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
        # She was here before: the proof is checked with the rest of the mail.
        self.chat(self.all["chat"], raw(self.all["mail"]["return_proof"]["proof"]), one, two)
        for chat in self.all["chats"]:
            self.chat(chat, b"", one, two)
        same("how chats end", [chat["ended"] for chat in self.all["chats"]], [4, 2, 3])
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
        plain = text(intake["language"]) + bytes([intake["urgent"]])
        # What urgency costs: the first number that solves the puzzle of this ticket under these seeds.
        urgency = ticket["urgency"]
        seeds = [raw(seed) for seed in urgency["seeds"]]
        salt = sha(b"HP1/urgent", self.hid, raw(ticket["ticket"]), *seeds)
        same("solution for urgency", solution(salt, urgency["step"]), urgency["nonce"])
        plain += sequence(seeds) + number(urgency["nonce"])
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
        payload = self.duty_hash + self.roster_id()
        same("the counselor's roster", payload[32:], raw(live["roster"]))
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
        self.lost(live["lost"], ticket)
        return seeker, counselor

    def roster_id(self):
        """Key, version and hash of the roster: the root signs with key 0."""
        roster = self.all["objects"]["roster"]
        return struct.pack(">QQ", 0, roster["fields"]["version"]) + sha(raw(roster["encoded"])[64:])

    def lost(self, lost, ticket):
        """A counselor's program that was started again says that it does not have the chat."""
        about = lambda attempt: b"HP1/lost\x00" + self.hid + raw(ticket["ticket"]) + struct.pack(">I", attempt)
        attempt, speaking, run = ticket["attempt"], raw(self.all["chat"]["source"]), raw(lost["run"])
        said = lambda by, attempt, run: sign(self.secret[by], about(attempt) + run) + run
        same("the run that speaks", raw(lost["speaking"]), speaking)
        same("message of a lost chat", about(attempt) + run, raw(lost["message"]))
        body = said("identity", attempt, run)
        same("body of a lost chat", body, raw(lost["body"]))

        def believed(case):
            speaking, (signature, run) = case[0], (case[1][:64], case[1][64:])
            other = len(run) == 16 and any(speaking) and run != speaking
            return True if other and verify(public_ed(self.secret["identity"]), signature, about(attempt) + run) else None

        same("a lost chat, to the seeker", believed((speaking, body)), True)
        cases = [
            ("the run that speaks with her says it", (speaking, said("identity", attempt, speaking))),
            ("nobody has spoken with her yet", (bytes(16), body)),
            ("of another attempt", (speaking, said("identity", attempt - 1, run))),
            ("signed by somebody else", (speaking, said("root", attempt, run))),
            ("the run is not the one that was signed", (speaking, body[:64] + b"\x2f" * 16)),
            ("without a run", (speaking, body[:64])),
            ("a byte behind the run", (speaking, body + b"\x00")),
            ("empty", (speaking, b"")),
        ]
        published = [(case["why"], (raw(case["speaking"]), raw(case["body"]))) for case in lost["refused"]]
        refused("a lost chat", cases, published, believed)

    def chat(self, chat, proof, one, two):
        tapes = {"seeker": Tape(chat["random_seeker"]), "counselor": Tape(chat["random_counselor"])}
        send, receive = {}, {}
        for name, other, end in (("seeker", "counselor", one), ("counselor", "seeker", two)):
            send[name], receive[name] = end.split()
        r = {name: tape.take(32) for name, tape in tapes.items()}
        own = tapes["seeker"].take(32)
        hello = {"seeker": r["seeker"] + public_x(own) + self.roster_id() + proof, "counselor": r["counselor"] + raw(chat["source"])}
        chain = self.derive(r["seeker"] + r["counselor"], b"HP1/chain", salt=one.h)
        same("chain_0", chain, raw(chat["chain_0"]))
        said = [dict(message) for message in chat.get("said", [])]
        ended = chat.get("ended", 1)
        # Who agrees that a colleague goes on ends the chat with reason 4.
        agreed = ended == 4
        colleague = self.all["chat"]["colleague"]
        paces = [chat["pace"]] if "pace" in chat else list(chat["paces"])
        shown, parts = [], {"seeker": b"", "counselor": b""}
        taken, read = {"seeker": 0, "counselor": 0}, {"seeker": [], "counselor": []}
        asked = None
        for cell in chat["cells"]:
            name = cell["from"]
            other = "counselor" if name == "seeker" else "seeker"
            sealed = raw(cell["cell"])
            same("index of a cell", cell["index"], taken[other])
            same("length of a cell", len(sealed), CELL)
            plain = receive[other].decrypt(b"", sealed)
            kind, status, ack, shown_below, length = struct.unpack(">BBQQH", plain[:HEAD])
            body = plain[HEAD : HEAD + length]
            same("kind of a cell", kind, cell["kind"])
            # The first cell is made before anything could have come.
            same("acknowledgement", ack, 0 if kind == 1 else taken[name])
            # Nothing was shown that the machine does not have.
            same("status of a cell", status, cell["status"])
            same("shown", shown_below, cell["shown"])
            same("shown is not more than acknowledged", shown_below <= ack, True)
            read[name].append(ack - shown_below)
            same("padding", plain[HEAD + length :], bytes(PLAIN - HEAD - length))
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
                part, parts[name] = parts[name][: PLAIN - HEAD - 1], parts[name][PLAIN - HEAD - 1 :]
                expected = bytes([(1 if first else 0) | (0 if parts[name] else 2)]) + part
            elif kind == 5:
                asked = self.ask(tapes["seeker"], own, chain, one.h)
                expected = asked[1]
            elif kind == 6:
                healed = self.heal(tapes["counselor"], public_x(own), chain, one.h, asked)
                expected = healed["body"]
            elif kind == 7:
                expected = raw(colleague["serial"]) + text(colleague["pseudonym"])
            elif kind == 9:
                pace = paces.pop(0)
                expected = bytes([pace["pause"] | pace["no_details"] << 1])
            else:
                expected = {3: b"", 4: bytes([ended]), 8: bytes([agreed])}[kind]
            same(f"body of cell {cell['index']} of the {name}", body, expected)
            again = struct.pack(">BBQQH", kind, status, ack, shown_below, len(expected)) + expected
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
        same("everything was shown at the end", [left[-1] for left in read.values()], [0, 0])
        same("everything was said", (said, paces, len(shown)), ([], [], len(chat.get("said", []))))
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
        kdf = Argon2id(salt=b"HP1/return" + root, length=128, iterations=3, lanes=1, memory_cost=65536)
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
        plain = text(card["language"]) + bytes([card["returning"]]) + number(card["number"]) + public_x(x) + blob(kem.ek)
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


    # The three questions.

    def survey(self):
        survey = self.all["survey"]
        for number, vector in enumerate(survey["answers"]):
            answers = [vector[question] for question in ("heard", "step", "safer")]
            body = bytes({None: 0, True: 1, False: 2}[answer] for answer in answers)
            same(f"answers {number}", body, raw(vector["body"]))
            same(f"answers {number}, read", read_answers(body), answers)
        cases = [
            ("empty", b""),
            ("one answer is missing", bytes([1, 2])),
            ("one answer too many", bytes([1, 2, 0, 0])),
            ("the first is beyond 2", bytes([3, 0, 0])),
            ("the second is beyond 2", bytes([0, 255, 0])),
            ("the third is beyond 2", bytes([1, 2, 4])),
        ]
        refused("answers", cases, [(case["why"], raw(case["body"])) for case in survey["refused"]], read_answers)

    # Puzzles: the first number that solves each.

    def puzzle(self):
        home = public_x(self.secret["home_x"])
        for vector in self.all["puzzle"]:
            token = raw(vector["token_hash"])
            salt = sha(b"HP1/puzzle", self.hid, home, raw(vector["seed"]), bytes([vector["priced"]]), token)
            same(f"puzzle of step {vector['step']}", solution(salt, vector["step"]), vector["nonce"])

    # Names.

    def labels(self):
        labels = self.all["labels"]
        same("limits of a label", (LETTERS, LABEL), (labels["letters"], labels["bytes"]))
        for case in labels["names"]:
            same(f"label, {case['why']}", text(case["name"]), raw(case["encoded"]))
            same(f"label, {case['why']}, read", read_label(raw(case["encoded"])), case["name"])
        for case in labels["typed"]:
            same(f"label, {case['why']}, typed", typed_label(raw(case["typed"]).decode()), case["name"])
        for case in labels["refused"]:
            same(f"label, {case['why']}", read_label(raw(case["encoded"])), None)

    # What nobody takes.

    def malformed(self):
        malformed = self.all["malformed"]
        good = record(KINDS["Put"], 7, b"\xaa" * 32, 0, 0, b"\x09" * 5)
        same("a good record", read_record(good), (15, False, 7, b"\xaa" * 32, 0, 0, b"\x09" * 5))
        bent = lambda position, byte: good[:position] + bytes([byte]) + good[position + 1 :]
        cases = [
            ("kind 0", bent(0, 0)),
            ("kind 28, behind the last of a client", bent(0, 28)),
            ("kind 93, between two of a home", bent(0, 93)),
            ("kind 98, behind the last of a home", bent(0, 98)),
            ("a flag that is none", bent(1, 2)),
            ("a flag that is none beside one that is", bent(1, 3)),
            ("the first of the eight zeros is none", bent(56, 1)),
            ("the last of the eight zeros is none", bent(63, 0x80)),
            ("a body longer than a record has room for", bent(54, 0xFF)),
            ("a byte behind the body", bent(69, 1)),
            ("a byte too short", good[:-1]),
            ("a byte too long", good + b"\x00"),
            ("empty", b""),
        ]
        published = [(case["why"], raw(case["encoded"]), case["bytes"]) for case in malformed["records"]]
        refused("record", cases, [(why, data + bytes(length - len(data))) for why, data, length in published], read_record)

        receipt = self.all["home"]["receipt"]
        order, issued, code = number(receipt["order"]), receipt["issued"], raw(receipt["mac"])
        rest = number(issued) + code
        good = order + rest
        same("a good receipt", read_receipt(good), (receipt["order"], issued, code))
        same("a receipt with the largest number", read_receipt(b"\xff" * 9 + b"\x01" + rest), (2**64 - 1, issued, code))
        cases = [
            ("a number in a byte more than need be", order[:-1] + bytes([order[-1] | 0x80, 0]) + rest),
            ("a number of 65 bits", b"\xff" * 9 + b"\x02" + rest),
            ("a number without an end", b"\xff" * 40),
            ("a byte behind the object", good + b"\x00"),
            ("a byte too short", good[:-1]),
            ("empty", b""),
        ]
        refused("receipt", cases, [(case["why"], raw(case["encoded"])) for case in malformed["numbers"]], read_receipt)

        for length in (0, 1, BODY, 5000, OBJECT):
            same(f"an object of {length}", join(parts("Head", 3, bytes(32), b"\x07" * length)), b"\x07" * length)
        # More follow, number of the part, length of the object, length of the part.
        cases = [
            ("begins with part 1", [(False, 1, 10, 10)]),
            ("part 0 twice", [(True, 0, 5000, BODY), (True, 0, 5000, BODY)]),
            ("part 1 is missing", [(True, 0, 5000, BODY), (False, 2, 5000, 904)]),
            ("a part that is not the last is not full", [(True, 0, 5000, BODY - 1)]),
            ("longer than it says", [(True, 0, BODY - 1, BODY)]),
            ("shorter than it says", [(False, 0, 11, 10)]),
            ("says another length in part 1", [(True, 0, 5000, BODY), (True, 1, 5001, BODY)]),
            ("longer than any object is", [(True, n, 17 * BODY, BODY) for n in range(17)]),
        ]
        part = lambda more, n, says, length: record(KINDS["Head"], 3, bytes(32), n, says, b"\x07" * length, more)
        cases = [(why, [part(*of) for of in records]) for why, records in cases]
        published = [(case["why"], [raw(head) for head in case["heads"]]) for case in malformed["objects"]]
        same("heads of parts", [(why, [data[:64] for data in records]) for why, records in cases], published)
        for why, records in cases:
            # All but the last part are taken, and there is no object yet.
            same(f"object, {why}", [join(records[:-1]), join(records)], [..., None])

    # Everything that is said with a home.

    def records(self):
        """The story of `records`, told again: who says what to whom is protocol.md's, the objects are those of the other sections."""
        objects, home, mail, tokens = self.all["objects"], self.all["home"], self.all["mail"], self.all["tokens"]
        encoded = lambda name: raw(objects[name]["encoded"])
        told, kinds, asked = iter(self.all["records"]), set(), 0

        def say(way, name, object=b"", request=0, token=bytes(32), index=0, ack=0):
            said = next(told, None)
            expected = (*way, name, KINDS[name])
            same("who says what next", expected, said and (said["from"], said["to"], said["name"], said["kind"]))
            if name in OBJECTS:
                assert (index, ack) == (0, 0), "they count the parts"
                records = parts(name, request, token, object)
                same(f"{name}, put together", join(records), object)
            else:
                records = [record(KINDS[name], request, token, index, ack, object)]
            kinds.add(name)
            same(f"header of {name}", records[0][:64], raw(said["head"]))
            same(f"length of {name}", (len(records), len(object)), (said["records"], said["bytes"]))
            same(f"body of {name}", object if len(object) <= 256 else None, raw(said["body"]) if "body" in said else None)
            same(f"{name} as a whole", sha(*records), raw(said["sha256"]))

        def ask(who, name, object=b"", **fields):
            nonlocal asked
            asked += 1
            tell(who, name, object, request=asked, **fields)

        def tell(who, name, object=b"", **fields):
            say((who, "home"), name, object, **fields)

        def hear(who, name, object=b"", **fields):
            say(("home", who), name, object, **fields)

        def answer(who, name, object=b"", **fields):
            hear(who, name, object, request=asked, **fields)

        def no(who, reason, **fields):
            answer(who, "Refused", bytes([REASONS.index(reason)]), **fields)

        def page(name):
            slot = raw(home[name]["slot"])
            return slot + bytes(8 * BODY - len(slot))

        seeker, counselor, again, visitor = "seeker", "counselor", "counselor again", "seeker, asked"
        # A descriptor's version is max(last + 1, unix milliseconds): it was signed with the roster and with the duty.
        milliseconds = 1_790_000_000_000
        version = milliseconds

        # A home without a roster, and with one. A counselor comes.
        ask(seeker, "Describe")
        answer(seeker, "Head")
        ask(seeker, "Settings")
        answer(seeker, "SettingsText", raw(self.all["settings"]["encoded"]))
        ask(seeker, "Heartbeat")
        answer(seeker, "Beat", index=300, ack=version)
        ask(counselor, "Login", raw(home["login"]["body"]))
        answer(counselor, "LoggedIn")
        ask(counselor, "PublishDuty", encoded("duty"))
        answer(counselor, "OnDuty")
        version = max(version + 1, milliseconds)
        ask(counselor, "PublishMailKey", blob(encoded("mail_key")) + blob(raw(self.all["keys"]["mail_kem"]["ek"])))
        answer(counselor, "MailKeyKept")
        ask(seeker, "Describe")
        answer(seeker, "Head", raw(home["head"]["encoded"]))
        ask(seeker, "Duties", index=5)
        answer(seeker, "DutyPage", page("duty_page"))
        ask(seeker, "MailKeys")
        answer(seeker, "MailKeyPage", page("mail_key_page"))
        ask(seeker, "MailKeys", index=1)
        answer(seeker, "MailKeyPage", bytes(8 * BODY))

        # A ticket, posted with the receipt of an earlier start; a second later its place and the versions are told.
        ticket, owner, attempt = raw(self.all["ticket"]["ticket"]), b"\xa0" * 32, self.all["ticket"]["attempt"]
        body, order = raw(self.all["ticket"]["body"]), home["receipt"]["order"]
        slot = raw(tokens["answer_slot"])
        posting = lambda slot, receipt: ticket + number(attempt) + slot + option(receipt) + blob(body)
        ask(seeker, "Post", posting(sha(b"HP1/token", slot), raw(home["receipt"]["encoded"])), token=owner)
        answer(seeker, "Posted", raw(home["receipt"]["encoded"]), token=ticket)
        shown = ticket + number(attempt) + number(order) + option(None) + blob(body)
        offer = lambda: hear(counselor, "Ticket", shown, token=ticket)
        offer()
        for who in (seeker, counselor, again, visitor):
            hear(who, "Beat", index=300, ack=version)
        hear(seeker, "Place", self.receipt(milliseconds // 1000 + 1), token=ticket)
        # She says nothing for twenty seconds, and speaks again.
        hear(counselor, "Living", token=ticket)
        ask(seeker, "Heartbeat")
        answer(seeker, "Beat", index=300, ack=version)
        hear(counselor, "Living", token=ticket, index=1)
        message_2 = raw(self.all["live"]["message_2"])
        for claim, verdict in ((1, "Reject"), (2, "Hold")):
            ask(counselor, "Claim", token=ticket, index=attempt)
            answer(counselor, "Granted", token=ticket, index=attempt, ack=claim)
            hear(counselor, "TicketGone", token=ticket)
            ask(counselor, "Answer", ticket + message_2, token=slot, ack=claim)
            hear(seeker, "Answered", message_2, token=ticket, index=attempt, ack=claim)
            tell(seeker, verdict, token=owner, ack=claim)
            if verdict == "Reject":
                offer()

        # A channel: a cell that comes, one beyond the ring, one for a channel that is gone.
        put, hers, listen = (raw(tokens[name]) for name in ("put_from_seeker", "listen_from_counselor", "listen_from_seeker"))
        opening, cell = raw(tokens["opening"]["encoded"]), raw(self.all["chat"]["cells"][0]["cell"])
        ask(seeker, "Open", opening, token=hers)
        answer(seeker, "Opened", token=hers)
        ask(visitor, "Open", opening, token=put)
        answer(visitor, "Gone", token=put)
        tell(counselor, "Listen", token=listen)
        ask(seeker, "Put", cell, token=put)
        answer(seeker, "Stored", token=put)
        hear(counselor, "Cell", cell, token=listen)
        ask(seeker, "Put", cell, token=put, index=128)
        answer(seeker, "Full", token=put, index=128)
        tell(counselor, "Ack", token=listen, ack=1)
        tell(seeker, "Close", token=hers)
        tell(counselor, "Close", token=listen)
        ask(seeker, "Put", cell, token=put, index=1)
        answer(seeker, "Gone", token=put, index=1)

        # The counselor's program is started again.
        lost = raw(self.all["live"]["lost"]["body"])
        ask(again, "Login", raw(home["login"]["body"]))
        answer(again, "LoggedIn")
        ask(again, "PublishDuty", encoded("duty"))
        answer(again, "OnDuty")
        hear(again, "Yours", token=ticket, index=attempt)
        tell(again, "Lost", lost, token=ticket, index=attempt)
        hear(seeker, "LostBy", lost, token=ticket, index=attempt)
        tell(again, "Abuse", token=b"\xcc" * 32)
        tell(seeker, "Withdraw", token=owner)

        # A sealed message and the reply to it. Both programs of the counselor are on duty.
        deposit, reply = raw(mail["deposit"]["body"]), raw(mail["reply"]["object"])
        name, read, write = sha(deposit), raw(mail["tokens"]["read"]), raw(mail["tokens"]["write"])
        hashed = lambda token: sha(b"HP1/token", token)
        ask(seeker, "Deposit", hashed(write) + hashed(read) + blob(deposit))
        answer(seeker, "Deposited", token=name)
        hear(counselor, "MailNames", name)
        hear(again, "MailNames", name)
        ask(counselor, "Mails")
        answer(counselor, "MailNames", name)
        ask(counselor, "Mails", token=name)
        answer(counselor, "MailNames")
        ask(counselor, "FetchMail", token=name)
        answer(counselor, "Mail", deposit, token=name)
        ask(counselor, "FetchMail", token=b"\xee" * 32)
        answer(counselor, "MailGone", token=b"\xee" * 32)
        ask(counselor, "MailClaim", token=name)
        answer(counselor, "Granted", token=name)
        tell(counselor, "MailClaim", token=name, index=1)
        ask(counselor, "Reply", hashed(read) + blob(reply), token=write)
        answer(counselor, "Replied", token=name)
        hear(again, "MailGone", token=name)
        ask(seeker, "Read", token=read)
        answer(seeker, "Letter", reply)
        answer(seeker, "ReadEnd")

        # Three questions: not of the form, counted, one too many; and what only homes say.
        ask(visitor, "Survey", bytes([3, 0, 0]))
        no(visitor, "malformed")
        tell(visitor, "Pay", bytes([2, 1]) + b"\x5e" * 16, token=b"\xa1" * 32, index=5)
        ask(visitor, "Survey", bytes([1, 2, 0]))
        answer(visitor, "Counted")
        ask(visitor, "Survey", bytes([1, 2, 0]))
        no(visitor, "busy")
        ask(visitor, "Counted", token=b"\xbb" * 32, index=6, ack=7)
        no(visitor, "malformed", token=b"\xbb" * 32, index=6)

        # She goes off duty and comes back; a roster revokes her; the home stops.
        milliseconds += 22_000
        ask(again, "WithdrawDuty")
        hear(counselor, "OffDuty")
        answer(again, "OffDuty")
        version = max(version + 1, milliseconds)
        ask(counselor, "PublishDuty", encoded("duty"))
        answer(counselor, "OnDuty")
        version = max(version + 1, milliseconds)
        for who in (counselor, again):
            hear(who, "OffDuty", bytes([REASONS.index("revoked")]))
        version = max(version + 1, milliseconds)
        for who in (seeker, counselor, again, visitor):
            hear(who, "Beat", index=301, ack=version)
        for who in (seeker, counselor, again, visitor):
            hear(who, "Bye")
        same("what is said at last", next(told, None), None)
        same("every kind was said", kinds, set(KINDS))


def long(what, whole, published, known):
    """An object whose end is known: what stands before it, and the hash of the whole."""
    same(what, whole[: len(whole) - known], raw(published["head"]))
    same(f"length of {what}", len(whole), published["bytes"])
    same(f"whole {what}", sha(whole), raw(published["sha256"]))


def refused(what, cases, published, read):
    """The same bytes for the same reasons, and nobody reads them."""
    same(f"cases of {what}", [why for why, _ in cases], [why for why, _ in published])
    for (why, data), (_, expected) in zip(cases, published):
        same(f"{what}, {why}", data, expected)
        same(f"{what}, {why}, read", read(data), None)


def attempt(salt, nonce):
    return Argon2id(salt=salt, length=8, iterations=1, lanes=1, memory_cost=128).derive(struct.pack(">Q", nonce))


def solution(salt, step):
    """The first number that solves a puzzle."""
    most, nonce = (2**64 - 1) // (16 << step - 1), 0
    while int.from_bytes(attempt(salt, nonce), "big") > most:
        nonce += 1
    return nonce


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


def parts(name, request, token, object):
    """The records of a whole object."""
    bodies = [object[begin : begin + BODY] for begin in range(0, len(object), BODY)] or [b""]
    last = len(bodies) - 1
    return [record(KINDS[name], request, token, n, len(object), body, more=n < last) for n, body in enumerate(bodies)]


def read_record(data):
    """Kind, more, request, token, index, ack and body; None: no record."""
    if len(data) != RECORD or data[0] not in KINDS.values() or data[1] > 1:
        return None
    request, token, index, ack, length = struct.unpack(">I32sQQH", data[2:56])
    if any(data[56:64]) or length > BODY or any(data[64 + length :]):
        return None
    return data[0], bool(data[1]), request, token, index, ack, data[64 : 64 + length]


def join(records):
    """The object that these parts make; `...` while it is not whole, None if they make none."""
    object, says = b"", None
    for place, data in enumerate(records):
        _, more, _, _, index, ack, body = read_record(data)
        says = ack if says is None else says
        object += body
        if index != place or ack != says or len(object) > min(says, OBJECT) or more and len(body) != BODY:
            return None
        if not more:
            return object if len(object) == says and place == len(records) - 1 else None
    return ...


def read_number(data):
    """A number of at most 64 bits and what stands behind it; None: not in the fewest bytes, or none at all."""
    for length in range(1, min(len(data), 10) + 1):
        if data[length - 1] < 0x80:
            value = sum((byte & 0x7F) << 7 * place for place, byte in enumerate(data[:length]))
            return (value, data[length:]) if value < 2**64 and number(value) == data[:length] else None
    return None


def read_receipt(data):
    order = read_number(data)
    issued = order and read_number(order[1])
    return (order[0], *issued) if issued and len(issued[1]) == 32 else None


def is_label(name):
    """By UAX 29, UAX 15 and the properties of Unicode, from another library than the first implementation's."""
    if not 1 <= len(regex.findall(r"\X", name)) <= LETTERS or len(name.encode()) > LABEL:
        return False
    bare = regex.sub(JOINED, "", name)
    return (
        name == name.strip()
        and name == unicodedata.normalize("NFC", name)
        and not regex.match(r"\p{M}", name)
        and not regex.search(rf"\p{{Cc}}|\ufffd|{UNSEEN}", bare)
    )


def read_label(data):
    length, name = read_number(data) or (None, b"")
    if length != len(name):
        return None
    name = name.decode()
    return name if is_label(name) else None


def typed_label(typed):
    """What is invisible goes, but for joiners that join; NFC; no blanks at the ends."""
    seen = regex.sub(rf"(?![\u200c\u200d]){UNSEEN}", "", typed)
    seen = unicodedata.normalize("NFC", seen).strip()
    name = regex.sub(rf"(?<!{LETTER})[\u200c\u200d]|[\u200c\u200d](?!{LETTER})", "", seen)
    return name if is_label(name) else None


def read_answers(body):
    answers = {0: None, 1: True, 2: False}
    return [answers[byte] for byte in body] if len(body) == 3 and all(byte in answers for byte in body) else None


if __name__ == "__main__":
    root = pathlib.Path(__file__).resolve().parents[2]
    Vectors(root / "docs" / "vectors" / "hp1.json").run()
    print(f"{checks} comparisons, all alike")
