//! What is wrong with a rule, with the place that it is about: the rules say it, the policy's file gives the line.

/// One thing that is wrong.
#[derive(Debug)]
pub(crate) struct Mistake {
    /// JSON pointer to the value in the policy.
    pub pointer: String,
    /// Where in a string of the policy: the string, and the byte offset in it where known.
    pub inside: Option<(String, Option<usize>)>,
    pub detail: String,
    pub suggestion: Option<String>,
}

/// Everything that is wrong below one place of a policy.
#[derive(Debug)]
pub(crate) struct Mistakes {
    place: Vec<String>,
    pub list: Vec<Mistake>,
}

impl Mistakes {
    /// Nothing yet, below the place that a pointer names.
    pub fn below(pointer: &str) -> Mistakes {
        Mistakes { place: vec![pointer.to_owned()], list: Vec::new() }
    }

    /// What follows is about what is below this pointer, which begins with a slash.
    pub fn enter(&mut self, pointer: &str) {
        self.place.push(pointer.to_owned());
    }

    /// Back to where it was before.
    pub fn leave(&mut self) {
        self.place.pop();
    }

    /// A mistake at a member, as `hosts/2`.
    pub fn add(&mut self, member: &str, detail: impl Into<String>) {
        self.push(member, None, detail.into(), None);
    }

    /// A mistake with what was probably meant.
    pub fn suggest(&mut self, member: &str, detail: impl Into<String>, suggestion: String) {
        self.push(member, None, detail.into(), Some(suggestion));
    }

    /// A mistake inside a string.
    pub fn inside(&mut self, member: &str, written: &str, at: Option<usize>, detail: impl Into<String>) {
        self.push(member, Some((written.to_owned(), at)), detail.into(), None);
    }

    fn push(
        &mut self,
        member: &str,
        inside: Option<(String, Option<usize>)>,
        detail: String,
        suggestion: Option<String>,
    ) {
        let mut pointer = self.place.concat();
        if !member.is_empty() {
            pointer.push('/');
            pointer.push_str(member);
        }
        self.list.push(Mistake { pointer, inside, detail, suggestion });
    }
}
