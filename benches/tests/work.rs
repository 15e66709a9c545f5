//! Does each workload do its work, for all who are asked?
//!
//! They assert it themselves. This is a program of its own, as it must be able to start
//! itself as a load.

use runtime_bench::ground::Ground;
use runtime_bench::questions::QUESTIONS;
use runtime_bench::tenants::TENANTS;
use runtime_bench::{Entrant, Subject, go, load};

fn main() {
    load::be_one_if_asked();
    match go::version() {
        Some(version) => println!("Go {version} is here"),
        None => println!("there is no go: what it would be asked is left out"),
    }
    for workers in [1, 2] {
        for question in QUESTIONS {
            for entrant in Entrant::ALL {
                let Some(open) = entrant.answers(question) else {
                    continue;
                };
                println!("{} on {}, {workers} workers", question.name, entrant.name());
                let elapsed = open(workers)(1);
                assert!(!elapsed.is_zero(), "it took no time");
            }
        }
        for tenant in &TENANTS {
            for subject in Subject::ALL {
                println!("{} on {}, {workers} workers", tenant.name, subject.name());
                tenant.workload.of(subject)(workers)(10);
            }
        }
    }
    Ground::clear();
}
