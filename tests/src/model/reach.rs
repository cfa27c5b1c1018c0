//! Whether from every state that can be reached, when nothing fails any more, the end can still be reached.
//!
//! stateright looks at what always and what eventually holds on every path; timers that run for ever make paths
//! without an end, so that "eventually" says nothing here. This walks the same states once more.

use std::collections::HashMap;

use stateright::Model;

use super::{Chat, State};

/// What the walk found.
#[derive(Debug)]
pub struct Reach {
    /// States, each once.
    pub states: usize,
    /// States in which nothing is left to do.
    pub done: usize,
    /// A state from which there is no way to the end, if there is one.
    pub stuck: Option<State>,
}

/// Walks all states of a model.
#[must_use]
pub fn walk(model: Chat) -> Reach {
    let mut number: HashMap<State, u32> = HashMap::new();
    let mut states: Vec<State> = Vec::new();
    // Ways back along actions that are no faults.
    let mut back: Vec<Vec<u32>> = Vec::new();
    let mut add = |state: State, states: &mut Vec<State>, back: &mut Vec<Vec<u32>>| {
        *number.entry(state).or_insert_with(|| {
            states.push(state);
            back.push(Vec::new());
            u32::try_from(states.len() - 1).unwrap_or(u32::MAX)
        })
    };
    for state in model.init_states() {
        add(state, &mut states, &mut back);
    }
    let (mut progress, mut faults) = (Vec::new(), Vec::new());
    model.progress(&mut progress);
    model.faults(&mut faults);
    let mut next = 0;
    while let Some(state) = states.get(next).copied() {
        let from = u32::try_from(next).unwrap_or(u32::MAX);
        for action in &progress {
            if let Some(after) = model.step(&state, *action) {
                let to = add(after, &mut states, &mut back);
                if let Some(ways) = back.get_mut(to as usize) {
                    ways.push(from);
                }
            }
        }
        for action in &faults {
            if let Some(after) = model.step(&state, *action) {
                add(after, &mut states, &mut back);
            }
        }
        next += 1;
    }
    let mut reaches: Vec<bool> = states.iter().map(|state| model.done(state)).collect();
    let done = reaches.iter().filter(|done| **done).count();
    let mut open: Vec<usize> = (0..states.len())
        .filter(|state| reaches.get(*state) == Some(&true))
        .collect();
    while let Some(state) = open.pop() {
        for from in back.get(state).into_iter().flatten() {
            if let Some(reached) = reaches.get_mut(*from as usize).filter(|reached| !**reached) {
                *reached = true;
                open.push(*from as usize);
            }
        }
    }
    let stuck = reaches.iter().position(|reached| !reached);
    Reach {
        states: states.len(),
        done,
        stuck: stuck.and_then(|state| states.get(state).copied()),
    }
}
