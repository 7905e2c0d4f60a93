// SPDX-License-Identifier: Apache-2.0
//! The list of error codes: no duplicates, in the order they were added, 0 alone for "no error".

/// Up to `N` codes; 0 where there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ErrorCodes<const N: usize> {
    codes: [u8; N],
}

/// What became of a code to add.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Added {
    /// It is the last one now.
    New,
    /// It was there.
    Already,
    /// There is no room.
    Full,
}

impl<const N: usize> ErrorCodes<N> {
    /// No error.
    pub const NONE: Self = Self { codes: [0; N] };

    /// What was kept over a restart, as far as there is room.
    pub fn from_kept(kept: &[u8]) -> Self {
        let mut list = Self::NONE;
        for &code in kept.iter().filter(|&&code| code != 0) {
            let _ = list.add(code);
        }
        list
    }

    /// Adds a code; 0 adds nothing.
    pub fn add(&mut self, code: u8) -> Added {
        if code == 0 {
            return Added::Already;
        }
        for slot in &mut self.codes {
            if *slot == code {
                return Added::Already;
            }
            if *slot == 0 {
                *slot = code;
                return Added::New;
            }
        }
        Added::Full
    }

    /// All places, 0 where there is no code.
    pub fn slots(&self) -> &[u8] {
        &self.codes
    }

    /// All places.
    pub fn slots_mut(&mut self) -> &mut [u8] {
        &mut self.codes
    }

    /// The codes alone.
    pub fn added(&self) -> &[u8] {
        let count = self.codes.iter().take_while(|&&code| code != 0).count();
        self.codes.get(..count).unwrap_or_default()
    }

    /// Whether the place is shown as a resource instance: it has a code, or is the one that says
    /// "no error".
    pub fn is_shown(&self, index: usize) -> bool {
        index == 0 || index < self.added().len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Codes = ErrorCodes<4>;

    #[test]
    fn no_error_is_the_one_code_zero() {
        let codes = Codes::NONE;
        assert_eq!(codes.added(), []);
        assert!(codes.is_shown(0) && !codes.is_shown(1));
    }

    #[test]
    fn a_code_is_added_once_and_zero_never() {
        let mut codes = Codes::NONE;
        let outcomes = [1, 2, 1, 0].map(|code| codes.add(code));
        assert_eq!(
            outcomes,
            [Added::New, Added::New, Added::Already, Added::Already]
        );
        assert_eq!(codes.added(), [1, 2]);
        assert!(codes.is_shown(1) && !codes.is_shown(2));
    }

    #[test]
    fn a_full_list_refuses_new_codes_only() {
        let mut codes = Codes::NONE;
        for code in 1..=4 {
            assert_eq!(codes.add(code), Added::New);
        }
        let before = codes;
        assert_eq!(codes.add(200), Added::Full);
        assert_eq!(codes.add(1), Added::Already);
        assert_eq!(codes, before);
    }

    #[test]
    fn what_was_kept_comes_back_without_gaps() {
        let codes = Codes::from_kept(&[3, 0, 3, 5]);
        assert_eq!(codes.added(), [3, 5]);
        assert_eq!(Codes::from_kept(&[1, 2, 3, 4, 5]).added(), [1, 2, 3, 4]);
    }
}
