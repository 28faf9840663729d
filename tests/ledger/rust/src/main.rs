//! Judges roots and proofs with the crate ct-merkle, over entries that it hashes itself.
//!
//! Arguments: a file of bundles, one behind the other. Standard input, one question a line, hashes in hex:
//! `root SIZE ROOT`, `inclusion SIZE INDEX PROOF`, `consistency OLD NEW PROOF`. It answers `yes` or `no` to each.

use ct_merkle::{mem_backed_tree::MemoryBackedTree, ConsistencyProof, InclusionProof, RootHash};
use sha2::Sha256;
use std::collections::HashMap;
use std::io::Read;

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len() / 2).map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap()).collect()
}

fn main() {
    let data = std::fs::read(std::env::args().nth(1).expect("a file of bundles")).expect("readable");
    let mut asked = String::new();
    std::io::stdin().read_to_string(&mut asked).expect("questions");
    let lines: Vec<Vec<&str>> = asked.lines().map(|line| line.split(' ').collect()).collect();
    let mut tree = MemoryBackedTree::<Sha256, Vec<u8>>::new();
    let mut roots: HashMap<u64, RootHash<Sha256>> = HashMap::new();
    let wanted: std::collections::HashSet<u64> =
        lines.iter().flat_map(|line| line[1..3].iter().filter_map(|each| each.parse().ok())).collect();
    let (mut at, mut entries) = (0, Vec::new());
    while at < data.len() {
        let end = at + 2 + usize::from(data[at]) * 256 + usize::from(data[at + 1]);
        entries.push(data[at + 2..end].to_vec());
        tree.push(data[at + 2..end].to_vec());
        if wanted.contains(&tree.len()) {
            roots.insert(tree.len(), tree.root());
        }
        at = end;
    }
    for line in &lines {
        let first: u64 = line[1].parse().expect("a number");
        let proof = bytes(line.get(3).unwrap_or(&""));
        let holds = match line[0] {
            "root" => roots[&first].as_bytes().as_slice() == bytes(line[2]).as_slice(),
            "inclusion" => {
                let index: u64 = line[2].parse().expect("a number");
                match InclusionProof::<Sha256>::try_from_bytes(proof) {
                    Ok(each) => roots[&first].verify_inclusion(&entries[index as usize], index, &each).is_ok(),
                    Err(_) => false,
                }
            }
            _ => {
                let new: u64 = line[2].parse().expect("a number");
                match ConsistencyProof::<Sha256>::try_from_bytes(proof) {
                    Ok(each) => roots[&new].verify_consistency(&roots[&first], &each).is_ok(),
                    Err(_) => false,
                }
            }
        };
        println!("{}", if holds { "yes" } else { "no" });
    }
}
