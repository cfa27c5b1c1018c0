# The everyday commands. `just` alone lists them.

_default:
    @just --list

# Everything that a change must pass, as the build machine runs it.
ci:
    .ci/run

# While you work, under a minute when everything is built: style, lints, unit tests that take seconds.
quick:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings
    cargo test --quiet --lib -p hamsa-protocol -p hamsa-system -p hamsa-net -p hamsa-client -p hamsa-node

# Style and lints, without the tests.
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings

# All tests.
test *ARGS:
    cargo test --workspace {{ARGS}}

# The pages of the code, with every public item.
doc:
    RUSTDOCFLAGS=-Dwarnings cargo doc --workspace --no-deps --open

# Licences, bans and sources of all dependencies.
deny:
    cargo deny check licenses bans sources

# The long versions of the tests with real processes: more than an hour.
long:
    HAMSA_LONG=1 CARGO_PROFILE_DEV_OPT_LEVEL=2 cargo test --workspace --test it -- reliability letters clocks garbage nonces classifier store --nocapture

# What stopped a helpline once, by a hostile client, with figures (docs/attacks.md): some twenty minutes.
attacks *ARGS:
    cargo build --release --workspace --bins
    target/release/hamsa-attack {{ARGS}}

# The whole of R1: a million messages in two thousand worlds; some minutes. `just storm 100000` is R2.
storm SEEDS="2000":
    cargo run --release -p hamsa-tests --bin hamsa-sim -- --seeds {{SEEDS}}

# Measures everything beside its peers, and makes docs/performance.md; half an hour on a machine that does nothing else.
figures ROUNDS="3":
    cargo build --release --workspace --bins
    target/release/hamsa-load --repetitions {{ROUNDS}} series --out target/figures
    target/release/hamsa-load page --from target/figures

# The symbolic models of HP1; needs Verifpal (docs/model/README.md).
model *ARGS:
    docs/model/run {{ARGS}}

# Instructions of what is done most, against bench/counts.txt (needs valgrind). `just counts --write` keeps new ones.
counts *ARGS:
    cargo run --release -p hamsa-bench --bin hamsa-counts -- {{ARGS}}

# The times of the same work, by criterion.
bench *ARGS:
    cargo bench -p hamsa-bench --features times --bench times -- {{ARGS}}

# A helpline in one terminal, with everything real but the people.
demo:
    cargo run -- demo

# A fuzz target, for ten minutes (needs a nightly Rust and `cargo install cargo-fuzz`).
fuzz TARGET *ARGS:
    cd fuzz && cargo +nightly fuzz run --features programs {{TARGET}} {{ARGS}} ../tests/corpus/{{TARGET}} -- -max_total_time=600 -malloc_limit_mb=64

# The second implementation of HP1 against the published vectors.
second:
    python3 -m venv .venv
    .venv/bin/pip install --quiet --requirement tests/second/requirements.txt
    .venv/bin/python tests/second/hp1.py
