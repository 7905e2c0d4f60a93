// SPDX-License-Identifier: Apache-2.0
//! How deep the stack gets in a linked Cortex-M image: each function's frame, by what it pushes and
//! subtracts (Arm v7-M Architecture Reference Manual, A7.7), and a walk over its direct calls.
//!
//! Calls through pointers (dynamic dispatch, callbacks) are not followed; what is called that way is a
//! root of its own. A function that comes back to itself is counted once.

use std::collections::{BTreeMap, BTreeSet};

use object::elf::{SHF_ALLOC, SHF_EXECINSTR};
use object::{Object, ObjectSection, ObjectSymbol, SectionFlags, SymbolKind};

use crate::Result;

/// The functions of an image.
pub struct Image {
    functions: BTreeMap<u32, Function>,
    /// Those whose address is somewhere in the image.
    pointed_at: BTreeSet<u32>,
}

#[derive(Default)]
struct Function {
    name: String,
    end: u32,
    /// Bytes.
    frame: u32,
    /// Calls after which it goes on.
    calls: BTreeSet<u32>,
    /// Calls in its place, its frame gone.
    tail_calls: BTreeSet<u32>,
}

/// A chain of calls.
#[derive(Clone, Default)]
pub struct Chain {
    /// Bytes of all its frames.
    pub depth: u32,
    /// Name and frame of each function, the outermost first.
    pub functions: Vec<(String, u32)>,
}

impl Image {
    /// Reads a 32-bit ELF image with its symbols.
    pub fn read(bytes: &[u8]) -> Result<Self> {
        let file = object::File::parse(bytes)?;
        let mut functions = BTreeMap::new();
        let mut data = vec![];
        let mut code = vec![];
        for symbol in file.symbols() {
            let address = symbol.address() as u32;
            match (symbol.kind(), symbol.name()?) {
                (_, name) if name.starts_with("$d") => data.push(address),
                (_, name) if name.starts_with("$t") => code.push(address),
                (SymbolKind::Text, name) if symbol.size() > 0 => {
                    let start = address & !1;
                    functions.insert(
                        start,
                        Function {
                            name: format!("{:#}", rustc_demangle::demangle(name)),
                            end: start + symbol.size() as u32,
                            ..Function::default()
                        },
                    );
                }
                _ => {}
            }
        }
        let mut image = Self {
            functions,
            pointed_at: BTreeSet::new(),
        };
        // Where constants lie between instructions.
        let mut kinds: BTreeMap<u32, bool> = data.into_iter().map(|at| (at, false)).collect();
        kinds.extend(code.into_iter().map(|at| (at, true)));
        for section in file.sections() {
            let SectionFlags::Elf { sh_flags } = section.flags() else {
                continue;
            };
            let (start, bytes) = (section.address() as u32, section.data()?);
            if sh_flags & u64::from(SHF_EXECINSTR) != 0 {
                image.decode(start, bytes, &kinds)?;
            } else if sh_flags & u64::from(SHF_ALLOC) != 0 {
                image.find_pointers(bytes);
            }
        }
        Ok(image)
    }

    /// The deepest chain that begins with one of the functions named.
    pub fn deepest_of(&self, names: &[&str]) -> Chain {
        let starts = self.functions.iter();
        let starts = starts.filter(|(_, function)| names.contains(&function.name.as_str()));
        self.deepest(starts.map(|(start, _)| *start))
    }

    /// The deepest chain that begins with a function whose address is somewhere.
    pub fn deepest_by_pointer(&self) -> Chain {
        self.deepest(self.pointed_at.iter().copied())
    }

    fn deepest(&self, starts: impl Iterator<Item = u32>) -> Chain {
        let mut known = BTreeMap::new();
        let chains = starts.map(|start| self.chain(start, &mut vec![], &mut known));
        chains.max_by_key(|chain| chain.depth).unwrap_or_default()
    }

    fn chain(&self, start: u32, above: &mut Vec<u32>, known: &mut BTreeMap<u32, Chain>) -> Chain {
        if let Some(chain) = known.get(&start) {
            return chain.clone();
        }
        let Some(function) = self
            .functions
            .get(&start)
            .filter(|_| !above.contains(&start))
        else {
            return Chain::default();
        };
        above.push(start);
        let mut deepest = Chain::default();
        let mut consider = |frame, callee: &u32| {
            let mut chain = self.chain(*callee, above, known);
            chain.depth += frame;
            if chain.depth > deepest.depth {
                chain.functions.insert(0, (function.name.clone(), frame));
                deepest = chain;
            }
        };
        // By itself, it calls nobody.
        consider(function.frame, &start);
        function
            .calls
            .iter()
            .for_each(|callee| consider(function.frame, callee));
        function
            .tail_calls
            .iter()
            .for_each(|callee| consider(0, callee));
        above.pop();
        known.insert(start, deepest.clone());
        deepest
    }

    /// Looks at the instructions of a section.
    fn decode(&mut self, start: u32, bytes: &[u8], kinds: &BTreeMap<u32, bool>) -> Result<()> {
        let half = |at: u32| -> Option<u32> {
            let at = (at - start) as usize;
            Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?).into())
        };
        let mut pointers = vec![];
        for (begin, function) in &mut self.functions {
            let mut at = *begin;
            let mut low_halves = [0; 16];
            while at < function.end {
                let is_code = kinds.range(..=at).next_back().is_none_or(|(_, code)| *code);
                let Some(first) = half(at) else { break };
                let second = half(at + 2).unwrap_or(0);
                if !is_code {
                    pointers.push(first | second << 16);
                    at += 2;
                    continue;
                }
                let (length, effect) = instruction(at, first, second);
                match effect {
                    Effect::None => {}
                    Effect::Grow(bytes) => function.frame += bytes,
                    Effect::Call(to) => drop(function.calls.insert(to)),
                    // Within itself it is a loop or a condition.
                    Effect::Jump(to) if (*begin..function.end).contains(&to) => {}
                    Effect::Jump(to) => drop(function.tail_calls.insert(to)),
                    Effect::Low(register, value) => low_halves[register] = value,
                    Effect::High(register, value) => {
                        pointers.push(low_halves[register] | value << 16);
                    }
                    Effect::Unknown => {
                        return Err(
                            format!("{} has a frame of no fixed size", function.name).into()
                        );
                    }
                }
                at += length;
            }
        }
        pointers
            .into_iter()
            .for_each(|word| self.note_pointer(word));
        Ok(())
    }

    fn find_pointers(&mut self, bytes: &[u8]) {
        for word in bytes.chunks_exact(4) {
            self.note_pointer(u32::from_le_bytes([word[0], word[1], word[2], word[3]]));
        }
    }

    /// Addresses of functions have the lowest bit set, which says Thumb.
    fn note_pointer(&mut self, word: u32) {
        if word & 1 == 1 && self.functions.contains_key(&(word & !1)) {
            self.pointed_at.insert(word & !1);
        }
    }
}

/// What an instruction does that matters here.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Effect {
    None,
    /// The frame grows by so many bytes.
    Grow(u32),
    Call(u32),
    Jump(u32),
    /// A register gets a number below 65536, or the upper half of one.
    Low(usize, u32),
    High(usize, u32),
    /// The frame changes by what a register says.
    Unknown,
}

/// The effect of the instruction at `at` with these half-words, and its length.
fn instruction(at: u32, first: u32, second: u32) -> (u32, Effect) {
    if first >> 11 < 0b11101 {
        return (2, short_instruction(at, first));
    }
    let registers = |mask: u32| Effect::Grow(4 * mask.count_ones());
    let effect = match (first, second) {
        // STMDB SP!, STR [SP, #-4]!, STRD [SP, #-n]!
        (0xe92d, list) => registers(list),
        (0xf84d, _) if second & 0x0fff == 0x0d04 => Effect::Grow(4),
        (0xe96d, _) => Effect::Grow(4 * (second & 0xff)),
        // SUB.W, SUBW SP, SP, #n
        _ if first & 0xfbef == 0xf1ad && second & 0x8f00 == 0x0d00 => {
            Effect::Grow(expand(immediate12(first, second)))
        }
        _ if first & 0xfbff == 0xf2ad && second & 0x8f00 == 0x0d00 => {
            Effect::Grow(immediate12(first, second))
        }
        // SUB.W SP, SP, register
        (0xebad, _) if second & 0x0f00 == 0x0d00 => Effect::Unknown,
        // MOVW, MOVT
        _ if first & 0xfb70 == 0xf240 && second & 0x8000 == 0 => {
            let register = (second >> 8 & 15) as usize;
            let value = (first & 15) << 12 | immediate12(first, second);
            match first & 0x80 {
                0 => Effect::Low(register, value),
                _ => Effect::High(register, value),
            }
        }
        // BL, B.W, B<condition>.W
        _ if first & 0xf800 == 0xf000 => match second & 0xd000 {
            0xd000 => Effect::Call(far(at, first, second)),
            0x9000 => Effect::Jump(far(at, first, second)),
            0x8000 if first >> 6 & 14 != 14 => {
                let upper = (first >> 10 & 1) << 19 | (second >> 11 & 1) << 18;
                let lower = (second >> 13 & 1) << 17 | (first & 0x3f) << 11 | second & 0x7ff;
                Effect::Jump(relative(at, (upper | lower) << 1, 21))
            }
            _ => Effect::None,
        },
        _ => Effect::None,
    };
    (4, effect)
}

fn short_instruction(at: u32, code: u32) -> Effect {
    match code {
        // PUSH
        _ if code & 0xfe00 == 0xb400 => Effect::Grow(4 * (code & 0x1ff).count_ones()),
        // SUB SP, #n
        _ if code & 0xff80 == 0xb080 => Effect::Grow(4 * (code & 0x7f)),
        // ADD SP, register
        _ if code & 0xff87 == 0x4485 => Effect::Unknown,
        // B, B<condition>
        _ if code & 0xf800 == 0xe000 => Effect::Jump(relative(at, (code & 0x7ff) << 1, 12)),
        _ if code & 0xf000 == 0xd000 && code >> 9 & 7 != 7 => {
            Effect::Jump(relative(at, (code & 0xff) << 1, 9))
        }
        _ => Effect::None,
    }
}

/// The immediate number that three fields make, i:imm3:imm8.
fn immediate12(first: u32, second: u32) -> u32 {
    (first >> 10 & 1) << 11 | (second >> 12 & 7) << 8 | second & 0xff
}

/// A modified immediate constant, A5.3.2.
fn expand(immediate: u32) -> u32 {
    let byte = immediate & 0xff;
    match immediate >> 8 {
        0 => byte,
        1 => byte | byte << 16,
        2 => byte << 8 | byte << 24,
        3 => byte | byte << 8 | byte << 16 | byte << 24,
        _ => (byte | 0x80).rotate_right(immediate >> 7),
    }
}

/// Where a BL or B.W goes, encoding T4.
fn far(at: u32, first: u32, second: u32) -> u32 {
    let sign = first >> 10 & 1;
    let bit = |shift: u32| !(second >> shift ^ sign) & 1;
    let offset =
        sign << 23 | bit(13) << 22 | bit(11) << 21 | (first & 0x3ff) << 11 | second & 0x7ff;
    relative(at, offset << 1, 25)
}

/// The address at a distance of `bits` bits, signed, from the instruction after the next.
fn relative(at: u32, offset: u32, bits: u32) -> u32 {
    let signed = ((offset << (32 - bits)) as i32) >> (32 - bits);
    at.wrapping_add(4).wrapping_add_signed(signed)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Encodings as an assembler gives them.
    #[test]
    fn instructions_that_matter_are_told_apart() {
        for (first, second, length, effect) in [
            // push {r4, r5, r7, lr}; sub sp, #16; push.w {r4-r11, lr}; str lr, [sp, #-4]!
            (0xb5b0, 0, 2, Effect::Grow(16)),
            (0xb084, 0, 2, Effect::Grow(16)),
            (0xe92d, 0x4ff0, 4, Effect::Grow(36)),
            (0xf84d, 0xed04, 4, Effect::Grow(4)),
            // sub.w sp, sp, #1024; subw sp, sp, #1028; sub.w sp, sp, r4
            (0xf5ad, 0x6d80, 4, Effect::Grow(1024)),
            (0xf2ad, 0x4d04, 4, Effect::Grow(1028)),
            (0xebad, 0x0d04, 4, Effect::Unknown),
            // movw r0, #0x1234; movt r0, #0x2000
            (0xf241, 0x2034, 4, Effect::Low(0, 0x1234)),
            (0xf2c2, 0x0000, 4, Effect::High(0, 0x2000)),
            // bl .+4; bl .-4; b.w .+0x1000; beq.w .+0x100
            (0xf000, 0xf800, 4, Effect::Call(0x104)),
            (0xf7ff, 0xfffc, 4, Effect::Call(0xfc)),
            (0xf000, 0xbffe, 4, Effect::Jump(0x1100)),
            (0xf000, 0x807e, 4, Effect::Jump(0x200)),
            // b .-2; bne .+8; nop; svc 0; add r0, r1
            (0xe7fd, 0, 2, Effect::Jump(0xfe)),
            (0xd102, 0, 2, Effect::Jump(0x108)),
            (0xbf00, 0, 2, Effect::None),
            (0xdf00, 0, 2, Effect::None),
            (0x4408, 0, 2, Effect::None),
        ] {
            assert_eq!(
                instruction(0x100, first, second),
                (length, effect),
                "{first:x} {second:x}"
            );
        }
    }

    #[test]
    fn a_chain_is_as_deep_as_its_frames_and_a_tail_call_takes_a_frame_s_place() {
        let function = |name: &str, frame, calls: &[u32], tail_calls: &[u32]| Function {
            name: name.into(),
            end: 0,
            frame,
            calls: calls.iter().copied().collect(),
            tail_calls: tail_calls.iter().copied().collect(),
        };
        let image = Image {
            functions: BTreeMap::from([
                (0, function("root", 10, &[2, 4], &[])),
                (2, function("leaf", 5, &[], &[])),
                (4, function("jumps", 8, &[2], &[6])),
                (6, function("recurs", 20, &[6], &[])),
            ]),
            pointed_at: BTreeSet::from([2, 4]),
        };
        let chain = image.deepest_of(&["root"]);
        assert_eq!(chain.depth, 30);
        let names: Vec<_> = chain
            .functions
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        assert_eq!(names, ["root", "jumps", "recurs"]);
        assert_eq!(image.deepest_by_pointer().depth, 20);
    }
}
