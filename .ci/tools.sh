# What building and testing needs, brought once. Read by ./run and .ci/run with `.`; works in sh and bash.
#
#     bring build     a linker and a cargo that is new enough
#     bring test      these, and the programs that the tests look at the real binaries with
#     bring checks    these, and what formats, lints and counts instructions
#
# With everything there it installs nothing. It never touches a cargo that is new enough, and never adds a source of
# packages. Returns 1 after it has said what to install by hand.

have() { command -v "$1" >/dev/null 2>&1; }

# The oldest Rust that Hamsa is built with stands in Cargo.toml only.
rust_needed() { sed -n 's/^rust-version *= *"\([0-9.]*\)".*/\1/p' Cargo.toml | head -n 1; }

# Whether the first version is at least the second, number by number.
at_least() {
    awk -v got="$1" -v want="$2" 'BEGIN {
        split(got, g, "."); split(want, w, ".")
        for (i = 1; i <= 3; i++) { if (g[i] + 0 > w[i] + 0) exit 0; if (g[i] + 0 < w[i] + 0) exit 1 }
        exit 0
    }'
}

# A cargo of an old rustup proxy without a toolchain answers nothing: then there is none.
cargo_version() { cargo --version 2>/dev/null | awk 'NR == 1 { sub(/-.*/, "", $2); print $2 }'; }

cargo_fits() {
    have rustc || return 1
    cargo_found="$(cargo_version)"
    [ -n "$cargo_found" ] && at_least "$cargo_found" "$(rust_needed)"
}

# rustup puts its programs where a shell that was open before does not look.
find_rustup() {
    if [ -f "${CARGO_HOME:-${HOME:-/root}/.cargo}/env" ]; then
        # shellcheck disable=SC1090,SC1091
        . "${CARGO_HOME:-${HOME:-/root}/.cargo}/env"
    fi
}

debian_12() { [ -r /etc/os-release ] && (. /etc/os-release && [ "${ID:-}" = debian ] && [ "${VERSION_ID:-}" = 12 ]); }

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif have sudo && sudo -n true 2>/dev/null; then
        sudo "$@"
    elif have sudo && [ -t 0 ] && [ -t 2 ]; then
        sudo "$@"
    else
        return 1
    fi
}

# Installs Debian packages; the lists are read first, because a bare machine has none.
install_packages() {
    have apt-get || return 1
    echo "installing: $*" >&2
    as_root apt-get update -q >&2 || return 1
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@" >&2
}

# Debian packages that are missing for `build`, `test` or `checks`, one line.
missing_packages() {
    missing=""
    have cc && have make || missing="$missing build-essential"
    have pkg-config || missing="$missing pkg-config"
    if [ "$1" != build ]; then
        have python3 && python3 -c 'import ensurepip' 2>/dev/null || missing="$missing python3 python3-venv"
        have tmux || missing="$missing tmux"
        have strace || missing="$missing strace"
        have faketime || missing="$missing faketime"
        have ip || missing="$missing iproute2"
        have unshare && have nsenter || missing="$missing util-linux"
        have patch || missing="$missing patch"
        have pgrep || missing="$missing procps"
    fi
    if [ "$1" = checks ]; then
        have valgrind || missing="$missing valgrind"
    fi
    echo "$missing"
}

# rustup and its newest stable toolchain, where there is none or an old one.
bring_rustup() {
    find_rustup
    if have rustup; then
        echo "bringing the newest Rust with rustup" >&2
        rustup toolchain install stable --profile minimal >&2 || return 1
        RUSTUP_TOOLCHAIN=stable && export RUSTUP_TOOLCHAIN
        return 0
    fi
    have curl || install_packages curl ca-certificates || return 1
    echo "bringing Rust from https://rustup.rs" >&2
    installer="$(mktemp)" || return 1
    rustup_rc=0
    curl --proto '=https' --tlsv1.2 -sSf -o "$installer" https://sh.rustup.rs &&
        RUSTUP_INIT_SKIP_PATH_CHECK=yes sh "$installer" -y --profile minimal >&2 || rustup_rc=1
    rm -f "$installer"
    find_rustup
    return "$rustup_rc"
}

bring_rust() {
    needed="$(rust_needed)"
    cargo_fits || find_rustup
    cargo_fits && return 0
    # Debian's security archive keeps a new toolchain for browsers, but no clippy: checks take rustup's.
    if debian_12 && [ "$1" != checks ]; then
        install_packages rustc-web cargo-web && hash -r && cargo_fits && return 0
        echo "Rust $needed or newer is needed. On Debian 12, as root: apt-get update && apt-get install rustc-web cargo-web" >&2
        echo "(from bookworm-security); or https://rustup.rs. Then run this again." >&2
        return 1
    fi
    bring_rustup && hash -r && cargo_fits && return 0
    echo "Rust $needed or newer is needed: see https://rustup.rs, then run this again." >&2
    return 1
}

# What formats and lints; not a part of every toolchain.
bring_lints() {
    lints() { cargo fmt --version && cargo clippy --version; } >/dev/null 2>&1
    lints && return 0
    have rustup || bring_rustup || return 1
    rustup component add rustfmt clippy >&2 && hash -r && lints && return 0
    echo "rustfmt and clippy are needed: rustup component add rustfmt clippy" >&2
    return 1
}

bring() {
    packages="$(missing_packages "$1")"
    if [ -n "$packages" ]; then
        # Without a linker nothing can be built; without the others some tests say that they are skipped.
        # shellcheck disable=SC2086
        if ! install_packages $packages; then
            # All at once, so that nobody has to come back for the second half.
            if debian_12 && [ "$1" != checks ] && ! cargo_fits; then packages="$packages rustc-web cargo-web"; fi
            echo "Not installed:$packages." >&2
            echo "As root on Debian: apt-get update && apt-get install$packages" >&2
        fi
        hash -r
    fi
    if ! have cc; then
        echo "A C compiler and linker are needed (on Debian: build-essential)." >&2
        return 1
    fi
    bring_rust "$1" || return 1
    if [ "$1" = checks ]; then
        bring_lints || return 1
        cargo_fits || return 1
    fi
    echo "cargo $cargo_found: $(command -v cargo)" >&2
}
