// Clients: agents that talk to others, end to end encrypted. A façade over the operations `client.*` of an open kernel.
import { Bundle } from "./evidence.js";
import { errorOf } from "./generated/errors.js";
import type * as contract from "./generated/types.js";
import { Kernel } from "./kernel.js";
import { native } from "./native.js";

/** How a client is opened. */
export interface ClientOptions {
  /** Decides on each message and records it; absent: a kernel of the default directory, closed with the client. */
  readonly kernel?: Kernel | undefined;
  /** The mailbox's base URL; absent: that of TALOS_MAILBOX or talos.toml, else none, and the host carries the frames. */
  readonly mailbox?: string | undefined;
  /** What is allowed of sessions. */
  readonly rules?: contract.SessionRules | undefined;
  /** For how many days {@link TalosClient.disclose} can open a message; absent: 0, and nobody can read it again either. */
  readonly keepDays?: number | undefined;
}

/** A message that was opened. */
export interface Message {
  /** The DID that sealed it. */
  readonly peer: string;
  /** What it says. */
  readonly data: Uint8Array;
  /** SHA-256 of that, in base64url. */
  readonly messageHash: string;
  /** The hash of its frame, which its receipt names. */
  readonly frameHash: string;
  /** Its session. */
  readonly sid: string;
  /** When it was opened, in milliseconds since 1970. */
  readonly received: number;
  /** The receipt of its arrival, if that was on disk when the message was given. */
  readonly receiptId: string | undefined;
  /** Where it began the session: what is known of the peer. */
  readonly began: contract.ClientBegan | undefined;
}

/** A message that was sealed and can no longer be lost here. */
export interface Sent {
  /** SHA-256 of the message, in base64url. */
  readonly messageHash: string;
  /** The hash of its frame, which its receipt names. */
  readonly frameHash: string;
  /** Its session. */
  readonly sid: string;
  /** Its receipt. */
  readonly receiptId: string;
}

/** A frame that waits to be carried, for a host without a mailbox. */
export interface Frame {
  /** Its id. */
  readonly id: string;
  /** To whom. */
  readonly peer: string;
  /** A frame or a container. */
  readonly bytes: Uint8Array;
}

/** How long a thread waits for messages before it looks whether the client is still open. */
const WAIT_MS = 10_000;

function unpacked(text: string): Uint8Array {
  return new Uint8Array(native.unpacked(text));
}

function named(name: string | Uint8Array): string {
  return typeof name === "string" ? name : native.packed(name);
}

function messageOf(message: contract.ClientMessage): Message {
  return {
    peer: message.peer,
    data: unpacked(message.data),
    messageHash: message.message_hash,
    frameHash: message.frame_hash,
    sid: message.sid,
    received: message.received,
    receiptId: message.receipt_id,
    began: message.began,
  };
}

/** An agent with its sessions. Make one with {@link TalosClient.create}. */
export class TalosClient implements AsyncDisposable, AsyncIterable<Message> {
  readonly #kernel: Kernel;
  readonly #isOwn: boolean;
  readonly #agent: string;
  readonly #about: contract.ClientOpenOutput;
  #isOpen = true;

  private constructor(kernel: Kernel, isOwn: boolean, about: contract.ClientOpenOutput) {
    this.#kernel = kernel;
    this.#isOwn = isOwn;
    this.#agent = about.agent;
    this.#about = about;
  }

  /** Opens the client of this agent, whose keys are made on first use. */
  static async create(agent: string, options: ClientOptions = {}): Promise<TalosClient> {
    const kernel = options.kernel ?? (await Kernel.open());
    const isOwn = options.kernel === undefined;
    const { mailbox, rules, keepDays } = options;
    const input = { agent, mailbox, rules, keep_days: keepDays ?? 0 };
    try {
      const output = await kernel.callApart("client.open", JSON.stringify(input));
      return new TalosClient(kernel, isOwn, JSON.parse(output.toString("utf8")));
    } catch (error) {
      if (isOwn) {
        await kernel.close();
      }
      throw error;
    }
  }

  /** The DID of the agent: what peers know it by. */
  get did(): string {
    return this.#about.did;
  }

  /** The prekey bundle: what a peer needs to begin a session where no mailbox serves it. */
  get bundle(): contract.Envelope {
    return this.#about.bundle;
  }

  /** The mailbox; undefined: the host carries the frames. */
  get mailbox(): string | undefined {
    return this.#about.mailbox;
  }

  /**
   * Begins a session with a peer, who need not be there, or renews the one that is there; without a bundle the mailbox is
   * asked for it.
   */
  async establishSession(
    peerId: string,
    peerBundle?: contract.Envelope,
    oneTimeKey?: contract.Envelope,
  ): Promise<contract.ClientSession> {
    const input = { peer: peerId, bundle: peerBundle, one_time_key: oneTimeKey };
    return ((await this.#do("establish", input)) as contract.ClientEstablishOutput).session;
  }

  /**
   * Sends a message. It was decided on, has a receipt, and can no longer be lost here when this resolves. `waitMs` is how
   * long to wait while too much is on its way to its peers.
   */
  async send(peerId: string, data: Uint8Array, options: { readonly waitMs?: number } = {}): Promise<Sent> {
    const input = { peer: peerId, data: native.packed(data), wait_ms: options.waitMs };
    const sent = (await this.#do("send", input)) as contract.ClientSendOutput;
    return {
      messageHash: sent.message_hash,
      frameHash: sent.frame_hash,
      sid: sent.sid,
      receiptId: sent.receipt_id,
    };
  }

  /** Messages that have arrived, each given once; those that were given before are confirmed. */
  async receive(options: { readonly max?: number; readonly waitMs?: number } = {}): Promise<Message[]> {
    const output = (await this.#do("receive", {
      max: options.max,
      wait_ms: options.waitMs,
    })) as contract.ClientReceiveOutput;
    return output.messages.map(messageOf);
  }

  /** Messages as they come, until the client is closed. */
  async *[Symbol.asyncIterator](): AsyncIterator<Message> {
    while (this.#isOpen) {
      yield* await this.receive({ waitMs: WAIT_MS });
    }
  }

  /** Messages that were given to a process that ended before it asked for more. */
  async unconfirmed(): Promise<Message[]> {
    const output = (await this.#do("unconfirmed", {})) as contract.ClientUnconfirmedOutput;
    return output.messages.map(messageOf);
  }

  /** The sessions that are not over. */
  async sessions(peerId?: string): Promise<readonly contract.ClientSession[]> {
    return ((await this.#do("sessions", { peer: peerId })) as contract.ClientSessionsOutput).sessions;
  }

  /** How much waits on both sides: frames to go out, messages for the host. */
  async waiting(): Promise<{ readonly outgoing: number; readonly incoming: number }> {
    const { outgoing, incoming } = (await this.#do("sessions", {})) as contract.ClientSessionsOutput;
    return { outgoing, incoming };
  }

  /** Tells a peer that this side is done, and retires the session. */
  async endSession(peerId: string): Promise<contract.ClientEndOutput> {
    return (await this.#do("end", { peer: peerId })) as contract.ClientEndOutput;
  }

  /** Frames that wait to be carried, for a host without a mailbox. */
  async outgoing(max?: number): Promise<Frame[]> {
    const output = (await this.#do("outgoing", { max })) as contract.ClientOutgoingOutput;
    return output.frames.map((frame) => ({ id: frame.id, peer: frame.peer, bytes: unpacked(frame.bytes) }));
  }

  /** Frames that were carried to their peers, and need not be kept. Resolves to how many of them there were. */
  async carried(...ids: string[]): Promise<number> {
    return ((await this.#do("carried", { ids })) as contract.ClientCarriedOutput).erased;
  }

  /** Takes a frame that the host has carried here, and says who sealed it. */
  async incoming(frame: Uint8Array): Promise<contract.ClientIncomingOutput> {
    return (await this.#do("incoming", { bytes: native.packed(frame) })) as contract.ClientIncomingOutput;
  }

  /** The proof bundle of a message's receipt, by its messageHash, of which the newest counts, or its frameHash. */
  async getMerkleProof(hash: string | Uint8Array): Promise<Bundle> {
    const output = (await this.#do("prove", { hash: named(hash) })) as contract.ClientProveOutput;
    return Bundle.parse(output.bundle);
  }

  /** Whether a proof bundle holds, trusting this kernel and nobody else. */
  async verifyProof(proof: Bundle): Promise<boolean> {
    const input = { bundle: proof.text };
    return ((await this.#do("verify_proof", input)) as contract.ClientVerifyProofOutput).valid;
  }

  /** The receipt of the peer's kernel for a message that has arrived there; undefined: it has not come. */
  async deliveryReceipt(frameHash: string | Uint8Array): Promise<contract.Envelope | undefined> {
    const input = { frame_hash: named(frameHash) };
    return ((await this.#do("delivery", input)) as contract.ClientDeliveryOutput).receipt;
  }

  /** What opens one message to an auditor (`talos session open`), and no other. Needs `keepDays`. */
  async disclose(frameHash: string | Uint8Array): Promise<contract.SessionOpening> {
    const input = { frame_hash: named(frameHash) };
    return ((await this.#do("disclose", input)) as contract.ClientDiscloseOutput).opening;
  }

  /**
   * Closes the client, and its kernel if that was made for it. What waits is kept for the next time; resolves to how many
   * frames that is.
   */
  async close(options: { readonly waitMs?: number } = {}): Promise<number> {
    if (!this.#isOpen) {
      return 0;
    }
    const closing = this.#do("close", { wait_ms: options.waitMs });
    this.#isOpen = false;
    try {
      return ((await closing) as contract.ClientCloseOutput).outgoing;
    } finally {
      if (this.#isOwn) {
        await this.#kernel.close();
      }
    }
  }

  /** At the end of an `await using` block. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #do(verb: string, input: object): Promise<unknown> {
    if (!this.#isOpen) {
      throw errorOf({ code: "client.not_open", detail: "the client was closed" });
    }
    const text = JSON.stringify({ agent: this.#agent, ...input });
    return JSON.parse((await this.#kernel.callApart(`client.${verb}`, text)).toString("utf8"));
  }
}
