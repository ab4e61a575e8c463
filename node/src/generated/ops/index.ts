// Generated from contracts/operations/ by `cargo run -p talos-codegen`; do not edit.

export * as approval from "./approval.js";
export * as audit from "./audit.js";
export * as budget from "./budget.js";
export * as bundle from "./bundle.js";
export * as checkpoint from "./checkpoint.js";
export * as did from "./did.js";
export * as ed25519 from "./ed25519.js";
export * as envelope from "./envelope.js";
export * as json from "./json.js";
export * as mailbox from "./mailbox.js";
export * as policy from "./policy.js";
export * as receipt from "./receipt.js";
export * as session from "./session.js";
