//! Times of the same work, by criterion. They depend on the machine and its mood: `just bench`.

use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use hamsa_bench::{CASES, RUNS_MAX};

fn all(criterion: &mut Criterion) {
    for case in CASES {
        criterion.bench_function(case.name, |bencher| {
            bencher.iter_custom(|runs| {
                let (mut left, mut taken) = (runs, Duration::ZERO);
                while left > 0 {
                    let part = left.min(u64::from(RUNS_MAX));
                    let mut work = (case.make)();
                    let begin = Instant::now();
                    for _ in 0..part {
                        work();
                    }
                    taken += begin.elapsed();
                    left -= part;
                }
                taken
            });
        });
    }
}

criterion_group!(times, all);
criterion_main!(times);
