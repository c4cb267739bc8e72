"""What a server can demand of its clients, created for a test: operator mode (JWTs), TLS, NKeys, users with passwords.

    operator = Operator(tmp_path)
    creds = operator.user("alice")
    with LocalServer().start(fast=True, config=operator.config) as server: ...

Each has `config`, a file for LocalServer.start(config=…) or scripts/local-server --config.
"""

import base64
import json
import secrets
import subprocess

from support.natscli import natscli

class Operator:
    """An operator with its system account and two accounts with JetStream: APP, and STRANGER, which the server does not know."""

    def __init__(self, folder):
        self.folder = folder
        self.config = folder / "operator.conf"
        natscli(folder, "auth", "operator", "add", "OPERATOR")  # also creates the account SYSTEM
        for account in "APP", "STRANGER":
            limits = "--jetstream", "--js-disk", "4GB", "--js-memory", "1GB"
            natscli(folder, "auth", "account", "add", account, "--operator", "OPERATOR", "--defaults", *limits)
        self._write_config()

    def user(self, name, account="APP", expire=None, allow=()):
        """The creds file of a new user. Its JWT expires after `expire` ("2s") and allows publishing to `allow` only."""
        limits = [word for subject in allow for word in ("--pub-allow", subject)]
        natscli(self.folder, "auth", "user", "add", name, account, "--operator", "OPERATOR", "--defaults", *limits)
        return self.creds(name, account, expire)

    def creds(self, name, account="APP", expire=None):
        """Another creds file for an existing user."""
        path = self.folder / f"{name}-{secrets.token_hex(4)}.creds"
        limit = ["--expire", expire] if expire else []
        natscli(self.folder, "auth", "user", "credential", path, name, account, "--operator", "OPERATOR", *limit)
        path.chmod(0o600)
        return path

    def jwt(self, account=None):
        store = self.folder / "data" / "nats" / "nsc" / "stores" / "OPERATOR"
        return (store / "accounts" / account / f"{account}.jwt" if account else store / "OPERATOR.jwt").read_text().strip()

    def _write_config(self):
        known = {public_key(jwt): jwt for jwt in (self.jwt("SYSTEM"), self.jwt("APP"))}
        self.config.write_text(
            f'operator: "{self.jwt()}"\n'
            f"system_account: {public_key(self.jwt('SYSTEM'))}\n"
            "resolver: MEMORY\n"
            f"resolver_preload: {json.dumps(known)}\n"
        )


def public_key(jwt):
    """The public key of the JWT's subject."""
    claims = jwt.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["sub"]


def seed_in(path):
    """The NKey seed of a creds or nkey file."""
    return next(line.strip() for line in path.read_text().splitlines() if line.strip().startswith("SU"))


class NKeyUser:
    """A user that authenticates with an NKey."""

    def __init__(self, folder):
        self.seed_file = folder / "user.nk"
        self.config = folder / "nkey.conf"
        natscli(folder, "auth", "nkey", "gen", "user", "--output", self.seed_file)
        self.seed_file.chmod(0o600)
        public = natscli(folder, "auth", "nkey", "show", self.seed_file).strip()
        self.config.write_text(f"authorization {{ users: [ {{ nkey: {public} }} ] }}\n")


class PasswordUser:
    def __init__(self, folder):
        self.name = "worker"
        self.password = "pass-" + secrets.token_hex(12)
        self.config = folder / "password.conf"
        self.config.write_text(f'authorization {{ users: [ {{ user: {self.name}, password: "{self.password}" }} ] }}\n')


class Authority:
    """A certificate authority with a server certificate for `names` and a client certificate, which the server demands with
    `verify`."""

    def __init__(self, folder, verify=False, names="IP:127.0.0.1,DNS:localhost"):
        self.folder = folder
        self.ca = self._issue("ca", "-x509", "-addext", "basicConstraints=critical,CA:TRUE")
        self.server = self._issue("server", *self._signed(), "-addext", f"subjectAltName={names}")
        self.client = self._issue("client", *self._signed(), "-addext", "extendedKeyUsage=clientAuth")
        self.config = folder / "tls.conf"
        self.config.write_text(
            f'tls {{ cert_file: "{self.server}", key_file: "{key_of(self.server)}", ca_file: "{self.ca}", '
            f"verify: {str(verify).lower()}, timeout: 5 }}\n"
        )

    def _signed(self):
        return "-x509", "-CA", self.ca, "-CAkey", key_of(self.ca), "-addext", "basicConstraints=CA:FALSE"

    def _issue(self, name, *options):
        certificate = self.folder / f"{name}.pem"
        key = "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-keyout", key_of(certificate)
        command = ["openssl", "req", *key, "-subj", f"/CN={name}", "-days", "2", "-out", certificate, *options]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return certificate


def key_of(certificate):
    return certificate.with_suffix(".key")
