// Generated from contracts/operations/ by `cargo run -p talos-codegen`; do not edit.

import { invoke } from "../../door.js";
import type {
  SessionOpenInput,
  SessionOpenOutput,
  SessionPlayInput,
  SessionPlayOutput,
  SessionReadFrameInput,
  SessionReadFrameOutput,
  SessionVerifyBundleInput,
  SessionVerifyBundleOutput,
  SessionVerifyOneTimeKeyInput,
  SessionVerifyOneTimeKeyOutput,
  SessionVerifyStaticKeyInput,
  SessionVerifyStaticKeyOutput,
} from "../types.js";

/** Verifies the statement in which an agent names its agreement key. */
export function verifyStaticKey(input: SessionVerifyStaticKeyInput): SessionVerifyStaticKeyOutput {
  return invoke("session.verify_static_key", input);
}

/** Verifies a prekey bundle. Its suites are experimental. */
export function verifyBundle(input: SessionVerifyBundleInput): SessionVerifyBundleOutput {
  return invoke("session.verify_bundle", input);
}

/** Verifies a one-time key. */
export function verifyOneTimeKey(input: SessionVerifyOneTimeKeyInput): SessionVerifyOneTimeKeyOutput {
  return invoke("session.verify_one_time_key", input);
}

/** Reads what a frame, or a container with its frame, shows to anybody. Authenticates nothing. */
export function readFrame(input: SessionReadFrameInput): SessionReadFrameOutput {
  return invoke("session.read_frame", input);
}

/** Opens one message to an auditor, from what a party discloses and the frame hash in a receipt. */
export function open(input: SessionOpenInput): SessionOpenOutput {
  return invoke("session.open", input);
}

/** Plays what agents do with time and randomness given, and says what came of each act. */
export function play(input: SessionPlayInput): SessionPlayOutput {
  return invoke("session.play", input);
}
