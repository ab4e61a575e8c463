/** Receipts, bundles, and what came of verifying one. */

import { writeFile } from "node:fs/promises";
import { bytesOf, invoke, type Text, utf8 } from "./door.js";
import { attempt } from "./failure.js";
import type * as contract from "./generated/types.js";
import { native } from "./native.js";

/** A named agent, whose key lies in the kernel's directory. */
export interface Identity {
  /** The name. */
  readonly name: string;
  /** The DID. */
  readonly did: string;
}

/** Whom to trust: a bundle never says that itself. Without keys nothing verifies. */
export interface Trust {
  /** Keys of logs, as `log.vkey` has them. */
  readonly logKeys?: readonly string[] | undefined;
  /** DIDs of issuers, as `identity.did` has them. */
  readonly issuers?: readonly string[] | undefined;
}

/** What came of verifying a bundle. An object is always truthy: read `valid`. */
export class Verification {
  /** Whether everything holds, under the keys that were given. */
  readonly valid: boolean;
  /** Why not. */
  readonly reason: contract.ErrorCode | undefined;
  /** False if only the trust is missing; undefined if the bundle itself does not hold. */
  readonly trusted: boolean | undefined;
  /** The receipt's id. */
  readonly receiptId: string | undefined;
  /** The index of its leaf. */
  readonly index: contract.Size | undefined;
  /** The size of the log that it was proved in. */
  readonly size: contract.Size | undefined;
  /** The receipt, verified. */
  readonly receipt: contract.Receipt | undefined;

  /** @internal */
  constructor(output: contract.BundleVerifyOutput) {
    this.valid = output.valid;
    this.reason = output.reason;
    this.trusted = output.trusted;
    this.receiptId = output.receipt_id;
    this.index = output.index;
    this.size = output.size;
    this.receipt = output.receipt;
  }
}

/** A receipt with its proof, as a text for strangers. Nothing in it is verified before {@link Bundle.verify}. */
export class Bundle {
  /** The text, as it was given. */
  readonly text: string;

  private constructor(text: string) {
    this.text = text;
  }

  /** Takes a bundle as a text, as bytes, or as an object. What is wrong with it, {@link Bundle.verify} says. */
  static parse(bundle: Text | contract.Bundle | contract.JsonObject): Bundle {
    if (typeof bundle === "string") {
      return new Bundle(bundle);
    }
    if (ArrayBuffer.isView(bundle) || bundle instanceof ArrayBuffer || bundle instanceof SharedArrayBuffer) {
      return new Bundle(utf8("the bundle", bytesOf(bundle)));
    }
    return new Bundle(attempt(() => native.canonical(bundle)));
  }

  /** Verifies it offline, with trust in what is given here and in nothing else. */
  verify(trust: Trust): Verification {
    const { logKeys, issuers } = trust;
    return new Verification(
      invoke("bundle.verify", {
        bundle: this.text,
        ...(logKeys && { log_keys: logKeys }),
        ...(issuers && { issuers }),
      }),
    );
  }

  /** Writes it to a file. */
  async save(path: string): Promise<void> {
    await writeFile(path, this.text);
  }

  /** The text. */
  toString(): string {
    return this.text;
  }
}

/** A receipt of the log. */
export class Receipt {
  readonly #prove: (input: contract.AuditProveInput) => Promise<Bundle>;
  /** The id. */
  readonly id: string;
  /** The index of its leaf. */
  readonly index: contract.Size;
  /** The body. */
  readonly body: contract.Receipt;
  /** The signed receipt as it was delivered. */
  readonly envelope: contract.Envelope;

  /** @internal */
  constructor(found: contract.ReceiptGetOutput, prove: (input: contract.AuditProveInput) => Promise<Bundle>) {
    this.#prove = prove;
    this.id = found.receipt_id;
    this.index = found.index;
    this.body = found.receipt;
    this.envelope = found.envelope;
  }

  /** Writes its bundle. `disclose` puts arguments and results into it, where the directory keeps them. */
  prove(options: { readonly disclose?: boolean } = {}): Promise<Bundle> {
    return this.#prove({ receipt_id: this.id, disclose: options.disclose ?? false });
  }
}
