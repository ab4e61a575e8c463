/** Kernels: what an agent's host opens first. */

import { Approvals } from "./approvals.js";
import type * as Binding from "./binding.js";
import { Budgets } from "./budgets.js";
import * as context from "./context.js";
import { bytesOf, type Text } from "./door.js";
import { Bundle, type Identity, Receipt } from "./evidence.js";
import { attempt, settled } from "./failure.js";
import type * as contract from "./generated/types.js";
import {
  type AnyFunction,
  type Functions,
  type Guarded,
  type GuardedAll,
  type GuardOptions,
  guard,
  guardAll,
} from "./guard.js";
import { native } from "./native.js";
import { Policy } from "./policy.js";
import { Run } from "./run.js";
import { Standing } from "./standing.js";

/** How a kernel is opened. */
export interface KernelOptions {
  /** The directory with keys, policy and log; absent: $TALOS_DIR, else the user's data directory. It is made if it is new. */
  readonly directory?: string | undefined;
  /** The policy, or its file; absent: the directory's, else the built-in one. */
  readonly policy?: Policy | string | undefined;
  /** Files with Cedar policies, which have to allow, too; absent: the directory's. */
  readonly cedar?: readonly string[] | undefined;
  /** The file with the tools' definitions that the Cedar policies are validated against. */
  readonly tools?: string | undefined;
}

/** Who acts in a run. */
export interface RunOptions {
  /** The named agent that acts; absent: the kernel's issuer. */
  readonly agent?: string | undefined;
  /** The DID that acts, in place of a name. */
  readonly actor?: string | undefined;
  /** On whose behalf. */
  readonly user?: string | undefined;
  /** The organisation of the agent; absent: talos.toml's. */
  readonly organisation?: string | undefined;
  /** The team of the agent; absent: talos.toml's. */
  readonly team?: string | undefined;
  /** The id of a run that goes on; absent: a new one. */
  readonly run?: string | undefined;
}

/** The receipts of a kernel's log. */
export interface Receipts {
  /** The newest one. */
  last(): Promise<Receipt>;
  /** The one of this id. */
  get(receiptId: string): Promise<Receipt>;
  /** The one at this place in the log, from zero. */
  at(index: contract.Size): Promise<Receipt>;
}

/** The log of a kernel as a whole. */
export interface Audit {
  /** The signed head of the log, as a note. */
  checkpoint(): Promise<string>;
  /** Verifies the whole log from its first leaf. Throws what does not verify. */
  verify(): Promise<contract.AuditVerifyLogOutput>;
}

function policyInput(policy: Policy | string | undefined): contract.KernelOpenInput {
  if (policy === undefined) {
    return {};
  }
  return policy instanceof Policy
    ? { policy: policy.text, policy_format: policy.format }
    : { policy_path: policy };
}

function cedarInput({ cedar, tools }: KernelOptions): contract.KernelOpenInput {
  return {
    ...(cedar === undefined ? {} : { cedar_paths: [...cedar] }),
    ...(tools === undefined ? {} : { tools_path: tools }),
  };
}

function openInput(options: KernelOptions): contract.KernelOpenInput {
  const { directory, policy } = options;
  return {
    ...policyInput(policy),
    ...cedarInput(options),
    ...(directory === undefined ? {} : { directory }),
  };
}

// How Kernel.open and Kernel.inMemory hand an open kernel to the constructor.
const OPENED = Symbol("opened");
interface Opened {
  readonly [OPENED]: Binding.Kernel;
}

/** An open kernel: it decides what agents do, and records it. */
export class Kernel implements AsyncDisposable {
  readonly #native: Binding.Kernel;
  readonly #door: Binding.Door;
  readonly #about: contract.KernelDescribeOutput;
  #policy: contract.PolicyRef;
  /** The receipts of its log. */
  readonly receipts: Receipts;
  /** The requests for approval, and the answers of people. */
  readonly approvals: Approvals;
  /** Budgets, and where they stand. */
  readonly budgets: Budgets;
  /** The kill switch and suspensions. */
  readonly standing: Standing;
  /** Its log as a whole. */
  readonly audit: Audit;

  /** Opens a kernel here and now: for the start of a program. {@link Kernel.open} does not block the event loop. */
  constructor(options: KernelOptions = {}) {
    this.#native =
      OPENED in options ? (options as Opened)[OPENED] : attempt(() => native.Kernel.open(openInput(options)));
    this.#about = attempt(() => JSON.parse(this.#native.describe()) as contract.KernelDescribeOutput);
    this.#policy = this.#about.policy;
    this.#door = this.#native.door();
    this.receipts = {
      last: () => this.#receipt({}),
      get: (receiptId) => this.#receipt({ receipt_id: receiptId }),
      at: (index) => this.#receipt({ index }),
    };
    this.approvals = new Approvals((operation, input) => this.call(operation, input));
    this.budgets = new Budgets((operation, input) => this.call(operation, input));
    this.standing = new Standing((operation, input) => this.call(operation, input));
    this.audit = {
      checkpoint: () => settled(() => this.#native.checkpoint()),
      verify: async () =>
        JSON.parse(await settled(() => this.#native.verifyLog())) as contract.AuditVerifyLogOutput,
    };
  }

  static #of(opened: Binding.Kernel): Kernel {
    const options: Opened = { [OPENED]: opened };
    return new Kernel(options as KernelOptions);
  }

  /** Opens a kernel. */
  static async open(options: KernelOptions = {}): Promise<Kernel> {
    return Kernel.#of(await settled(() => native.Kernel.openOnPool(openInput(options))));
  }

  /** A kernel with keys of its own and nothing on disk, for tests. */
  static inMemory(policy?: Policy | string): Kernel {
    return Kernel.#of(attempt(() => native.Kernel.open({ memory: true, ...policyInput(policy) })));
  }

  /** The DID that issues the receipts. */
  get issuer(): string {
    return this.#about.issuer;
  }

  /** The name of the log. */
  get origin(): string {
    return this.#about.origin;
  }

  /** The key that verifies the log's checkpoints: what a stranger needs, by a way that they trust. */
  get logKey(): string {
    return this.#about.log_key;
  }

  /** The directory; undefined in memory. */
  get directory(): string | undefined {
    return this.#about.directory;
  }

  /** Which policy is in force. */
  get policy(): contract.PolicyRef {
    return this.#policy;
  }

  /**
   * Puts another policy in force, for decisions from now on; one with mistakes is thrown and changes nothing. Absent: the
   * directory's, read again.
   */
  async reload(policy?: Policy | string, shadow?: Policy): Promise<contract.PolicyRef> {
    const beside = shadow === undefined ? {} : { shadow: shadow.text, policy_format: shadow.format };
    const input = JSON.stringify({ ...beside, ...policyInput(policy) });
    const output = JSON.parse((await this.call("kernel.reload", input)).toString("utf8"));
    this.#policy = (output as contract.KernelReloadOutput).policy;
    return this.#policy;
  }

  /** What `issuer`, `origin` and the like say, if the kernel is still open. */
  describe(): contract.KernelDescribeOutput {
    return attempt(() => JSON.parse(this.#native.describe()) as contract.KernelDescribeOutput);
  }

  /** A named agent, whose key is made on first use. */
  async identity(name: string): Promise<Identity> {
    return JSON.parse(await settled(() => this.#native.identity(name))) as contract.KernelIdentityOutput;
  }

  /** Opens a run; whoever opens it closes it. */
  async openRun(options: RunOptions = {}): Promise<Run> {
    const { user, ...rest } = options;
    const input = { ...rest, principal: user };
    return new Run(this, await settled(() => this.#native.openRun(input)));
  }

  /** Opens a run, calls the function with it as the current one, and closes it however the function ends. */
  async run<T>(options: RunOptions, fn: (run: Run) => T): Promise<Awaited<T>> {
    const run = await this.openRun(options);
    let result: Awaited<T>;
    try {
      result = await context.within(run, () => fn(run));
    } catch (error) {
      // The error of the function is the one that matters; a run that could not be closed is a gap of the next writer.
      await run.close().catch(() => undefined);
      throw error;
    }
    await run.close();
    return result;
  }

  /** The innermost run of this kernel that is open in this chain of asynchronous calls. */
  get currentRun(): Run | undefined {
    return context.current(this);
  }

  /**
   * A function that runs only where the kernel allows it.
   *
   * It is always asynchronous, whatever `fn` is, because its answer may have to wait for the disk; a generator function
   * becomes an async generator function.
   */
  guard<F extends AnyFunction, const O extends GuardOptions = GuardOptions>(
    fn: F,
    options?: O,
  ): Guarded<F, O> {
    return guard(this, fn, options ?? {}) as Guarded<F, O>;
  }

  /** The same with the options first, for functions that are written where they are guarded. */
  tool<const O extends GuardOptions & { readonly name: string }, F extends AnyFunction>(
    options: O,
    fn: F,
  ): Guarded<F, O> {
    return guard(this, fn, options) as Guarded<F, O>;
  }

  /** Guards every function of a list, or of an object, whose keys are then the names of the tools. */
  guardAll<T extends Functions, const O extends GuardOptions = GuardOptions>(
    functions: T,
    options?: O,
  ): GuardedAll<T, O> {
    return guardAll(this, functions, options ?? {}) as GuardedAll<T, O>;
  }

  /** Any operation by its id, on this kernel: one JSON text in, canonical JSON out. Runs that it opens stay behind this door. */
  async call(operation: string, input: Text): Promise<Buffer> {
    return Buffer.from(await settled(() => this.#door.call(operation, bytesOf(input))));
  }

  /** @internal The same on a thread of its own, for operations that wait long: the pool of Node has four. */
  async callApart(operation: string, input: Text): Promise<Buffer> {
    return Buffer.from(await settled(() => this.#door.callApart(operation, bytesOf(input))));
  }

  /** Closes the runs that are open, then the kernel. */
  async close(): Promise<void> {
    await settled(() => this.#native.close());
  }

  /** At the end of an `await using` block. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** @internal Panics behind the guard of the native part; for tests, and without effect in a release. */
  fault(): void {
    attempt(() => this.#native.fault());
  }

  async #receipt(input: contract.ReceiptGetInput): Promise<Receipt> {
    const found = JSON.parse(await settled(() => this.#native.receipt(input))) as contract.ReceiptGetOutput;
    const prove = async (wanted: contract.AuditProveInput) =>
      Bundle.parse(await settled(() => this.#native.prove(wanted)));
    return new Receipt(found, prove);
  }
}
