//! Cedar policies and the tools that they are about, from files.

use crate::home::{policy_error, read_file, read_file_of, tools_beside};
use std::path::{Path, PathBuf};
use talos_contracts::json::{self, DATA_DEPTH, Limits, Profile, Value};
use talos_contracts::scalar::Hash;
use talos_contracts::{Error, ErrorCode};
use talos_crypto::hash::tagged;
use talos_kernel::Stage;
use talos_policy_cedar::{CedarPolicies, Source, Tool};

/// Domain of a tool's hash.
const TOOL_DOMAIN: &str = "talos/tool/1";
/// Largest list of tools.
const TOOLS_BYTES: u64 = 8 << 20;

/// The hash of a tool's definition, its entry in `tools/list` (docs/spec/mcp.md, section 4).
pub fn tool_hash(definition: &Value) -> Hash {
    tagged(TOOL_DOMAIN, &[&json::canonical(definition)])
}

/// Cedar policies that a host names, and the file with the tools' definitions: an array, or the result of `tools/list`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CedarFiles {
    /// The files with policies; none: no Cedar.
    pub policies: Vec<PathBuf>,
    /// The file with tools.
    pub tools: Option<PathBuf>,
}

impl CedarFiles {
    /// These, as a directory configures them, but for what a host names instead; `policy` is the policy that the host
    /// names, whose tools may lie beside it.
    pub fn or_given(self, policies: Option<Vec<PathBuf>>, tools: Option<PathBuf>, policy: Option<&Path>) -> Self {
        CedarFiles {
            policies: policies.unwrap_or(self.policies),
            tools: tools.or_else(|| tools_beside(policy?)).or(self.tools),
        }
    }

    /// Reads and validates the policies, if there are files. The error names every mistake with file, line and column.
    pub fn load(&self) -> Result<Option<CedarPolicies>, Error> {
        if self.policies.is_empty() {
            return Ok(None);
        }
        let texts: Vec<(String, String)> = self
            .policies
            .iter()
            .map(|path| Ok((path.display().to_string(), read_file(path, ErrorCode::PolicyNoPolicy)?)))
            .collect::<Result<_, Error>>()?;
        let sources: Vec<Source<'_>> = texts.iter().map(|(file, text)| Source { file, text }).collect();
        let list = self.tools.as_deref().map(read_tools).transpose()?.unwrap_or_default();
        let nothing = Value::object::<&str>([]);
        let tools: Vec<Tool<'_>> = list.iter().filter_map(|definition| tool(definition, &nothing)).collect();
        CedarPolicies::load(&sources, &tools, talos_policy_cedar::Limits::default())
            .map(Some)
            .map_err(|errors| policy_error(&errors))
    }

    /// The stages that these files add to the kernel.
    pub fn stages(&self) -> Result<Vec<Box<dyn Stage>>, Error> {
        Ok(self.load()?.into_iter().map(|policies| Box::new(policies) as Box<dyn Stage>).collect())
    }
}

/// The tool of a definition that was checked.
fn tool<'a>(definition: &'a Value, nothing: &'a Value) -> Option<Tool<'a>> {
    let name = definition.get("name")?.as_str()?;
    Some(Tool { name, schema: definition.get("inputSchema").unwrap_or(nothing), hash: tool_hash(definition) })
}

/// The definitions in a file, each an object with a name.
fn read_tools(path: &Path) -> Result<Vec<Value>, Error> {
    let refused = |why: String| Error::new(ErrorCode::ConfigMalformed, format!("{}: {why}", path.display()));
    let text = read_file_of(path, TOOLS_BYTES, ErrorCode::ConfigMalformed)?;
    let limits = Limits { depth: DATA_DEPTH, bytes: TOOLS_BYTES as usize };
    let value = json::parse_with(text.as_bytes(), Profile::Data, limits).map_err(|error| refused(error.detail))?;
    let list = value.get("tools").unwrap_or(&value).as_array();
    let list = list.ok_or_else(|| refused("neither an array of tools nor a result of tools/list".into()))?;
    match list.iter().position(|definition| definition.get("name").and_then(Value::as_str).is_none()) {
        Some(at) => Err(refused(format!("tool {at} is no object with a name"))),
        None => Ok(list.to_vec()),
    }
}
