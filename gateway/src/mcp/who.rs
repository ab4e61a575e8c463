//! Whose calls they are.

use clap::Args;
use talos_shared::contracts::json::Value;
use talos_shared::contracts::{Error, RunOpenInput};

/// The options, and the members of `run.open` that they stand for.
const OPTIONS: [(&str, &str); 4] =
    [("--organisation=", "organisation"), ("--team=", "team"), ("--agent=", "agent"), ("--user=", "principal")];

/// Whose calls they are, as far as it is not what talos.toml says.
#[derive(Args, Clone, Default)]
pub struct Who {
    /// The organisation that the agent belongs to [default: talos.toml's].
    #[arg(long, value_name = "NAME")]
    organisation: Option<String>,
    /// The team that the agent belongs to [default: talos.toml's].
    #[arg(long, value_name = "NAME")]
    team: Option<String>,
    /// The named agent that acts, whose key is made on first use [default: the directory's own].
    #[arg(long, value_name = "NAME")]
    agent: Option<String>,
    /// On whose behalf all calls are.
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
}

impl Who {
    /// The options that are there, each with the member of `run.open` that it stands for and its value.
    fn given(&self) -> impl Iterator<Item = (&'static str, &'static str, &str)> {
        let names = [&self.organisation, &self.team, &self.agent, &self.user];
        OPTIONS.into_iter().zip(names).filter_map(|((option, member), name)| Some((option, member, name.as_deref()?)))
    }

    /// The options, a word each.
    pub fn words(&self) -> Vec<String> {
        self.given().map(|(option, _, name)| format!("{option}{name}")).collect()
    }

    /// What the run is opened with; a name that contracts do not allow is refused.
    pub fn input(&self) -> Result<RunOpenInput, Error> {
        RunOpenInput::read(&Value::object(self.given().map(|(_, member, name)| (member, Value::from(name)))))
    }

    /// Whether a word is one of these options, as [`Who::words`] writes it.
    pub fn has(word: &str) -> bool {
        OPTIONS.iter().any(|(option, _)| word.starts_with(option))
    }
}
