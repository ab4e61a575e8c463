// Generated from contracts/operations/ by `cargo run -p talos-codegen`; do not edit.

import { invoke } from "../../door.js";
import type {
  MailboxSignRequestInput,
  MailboxSignRequestOutput,
  MailboxVerifyRequestInput,
  MailboxVerifyRequestOutput,
} from "../types.js";

/** Signs one HTTP request to a mailbox; the envelope goes into the header talos-request. */
export function signRequest(input: MailboxSignRequestInput): MailboxSignRequestOutput {
  return invoke("mailbox.sign_request", input);
}

/** Verifies who makes an HTTP request to a mailbox. Whether its nonce was seen before is for the mailbox to know. */
export function verifyRequest(input: MailboxVerifyRequestInput): MailboxVerifyRequestOutput {
  return invoke("mailbox.verify_request", input);
}
