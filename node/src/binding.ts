// Generated from bindings/node by `make generate`; do not edit.

/** What the native part has: for this package, not for its users. */

/** Version of the interface between this library and the package around it. */
export declare const ABI: number;

/**
 * The kernel's answer to an action.
 *
 * Collected as garbage while its permit is open, it leaves the call in no doubt: an issued permit
 * is released, a started one is settled as unknown.
 */
export declare class Asked {
  private constructor();
  /** allow, transform, needs_approval or deny. */
  get verdict(): string;
  /** Whether the verdict lets the action run. */
  get allowed(): boolean;
  /** Whether there is a permit that has not ended. */
  get open(): boolean;
  /** The contract `decision`, as JSON. Not there any more after `finish`. */
  decision(): string;
  /** The state of the permit. */
  state(): string | null;
  /** Starts the call; the action may run only after this. */
  start(): void | Promise<void>;
  /** Throws where the arguments are not those that were decided on. */
  sameArguments(args: unknown): void;
  /** Records how the call ended. `more` has tokens, amount and confidence_bp. */
  settle(status: string, result: unknown, more: unknown): string | null | Promise<string | null>;
  /** Settles what a guarded function came to, after which nobody asks for the decision. */
  finish(status: string, result: unknown): string | null | Promise<string | null>;
  /** Gives the permit back: the call did not start. */
  release(): string | null | Promise<string | null>;
}

/** Every operation by its id. Keeps the runs that were opened through it. */
export declare class Door {
  private constructor();
  /** With no kernel behind it yet: `kernel.open` opens one. */
  static empty(): Door;
  /** Runs an operation on the pool, on one JSON text; its output is canonical JSON. */
  call(operation: string, input: string | Uint8Array): Promise<string>;
  /** The same on a thread of its own, for operations that wait long: the pool has few. */
  callApart(operation: string, input: string | Uint8Array): Promise<string>;
}

/** A request that was admitted. */
export declare class Entry {
  private constructor();
  /** The id of the call. */
  get call(): string;
  /** The decision's receipt, or the Refusal that leaves where there can be none. */
  receipt(): string | Refusal | Promise<string | Refusal>;
  /**
   * Records the status of the response: the outcome's receipt, null where that is not known yet, or the Refusal that
   * leaves where the outcome cannot be recorded.
   */
  answered(status: number): string | null | Refusal | Promise<string | null | Refusal>;
  /** Records that there was no whole response: error or cancelled. Waits for nothing. */
  ended(status: string): void;
}

/** Admits the requests of one application, and refuses them. */
export declare class Front {
  private constructor();
  /** Stands before an application whose requests are actions of this run. */
  static over(
    run: Run,
    keys?: Array<string> | undefined | null,
    header?: string | undefined | null,
    approvals?: string | undefined | null,
  ): Front;
  /** Checks what it would be given beside the run. */
  static check(
    keys?: Array<string> | undefined | null,
    header?: string | undefined | null,
    approvals?: string | undefined | null,
  ): void;
  /** Where a caller's request for approval stands, as JSON, or why they are not told. */
  approval(caller: string | undefined | null, approval: string): Promise<string | Refusal>;
  /** The caller, from all values of the header. */
  identify(values: Array<string>): string | null;
  /** Decides on a request and starts it. `described` is what the kernel is told in place of the arguments. */
  admit(
    caller: string,
    tool: string,
    effect: string | undefined | null,
    request: Request,
    described: unknown,
  ): Entry | Refusal | Promise<Entry | Refusal>;
  /** Refuses a request by an error code. */
  refuse(caller: string | undefined | null, tool: string, code: string): Refusal | Promise<Refusal>;
}

/** The longest input of an operation, in bytes. */
export declare const INPUT_BYTES: number;

/** An open kernel. What it answers is JSON, as the operations of the same names give it. */
export declare class Kernel {
  private constructor();
  /** Opens a kernel here and now. Reads the directory, and makes it if it is new. */
  static open(input: unknown): Kernel;
  /** Opens a kernel on the pool. */
  static openOnPool(input: unknown): Promise<Kernel>;
  /** Issuer, log and policy. */
  describe(): string;
  /** The DID of a named agent, whose key is made on first use. */
  identity(name: string): Promise<string>;
  /** Opens a run. */
  openRun(input: unknown): Promise<Run>;
  /** A receipt of the log. */
  receipt(input: unknown): Promise<string>;
  /** The bundle of a receipt. */
  prove(input: unknown): Promise<string>;
  /** The signed head of the log, a note. */
  checkpoint(): Promise<string>;
  /** Verifies the whole log. */
  verifyLog(): Promise<string>;
  /** Closes the runs that are open, then the kernel. */
  close(): Promise<void>;
  /** A door over this kernel. */
  door(): Door;
  /** Panics behind the guard, as a test asks for. In a release it does nothing. */
  fault(): void;
}

/** Hash of the contracts that this library was built from. */
export declare const MANIFEST_HASH: string;

/** The answer to a request that was refused. */
export declare class Refusal {
  private constructor();
  /** Status of the response. */
  get status(): number;
  /** The problem document (RFC 9457). */
  problem(): Buffer;
  /** Id of the receipt, unless it could not be written. */
  get receiptId(): string | null;
  /** `WWW-Authenticate` */
  get challenge(): string | null;
  /** `Location`, of what waits for people. */
  get location(): string | null;
}

/** The arguments of a request, or why it has none. */
export declare class Request {
  private constructor();
  /** Reads the arguments of a request. What cannot be read is refused when the request is. */
  static read(
    path: unknown,
    query: string,
    contentTypes: Array<string>,
    contentCodings: Array<string>,
    body: Uint8Array,
  ): Request;
  /** The arguments as JSON; nothing where they cannot be read. */
  arguments(): string | null;
}

/** An open run. */
export declare class Run {
  private constructor();
  /** The id. */
  get id(): string;
  /** The DID that acts. */
  get actor(): string;
  /** Decides, and queues the receipt. Never waits. Arguments that are no JSON are refused, with a receipt, and thrown. */
  decide(template: Template, args: unknown): Asked;
  /** Decides, and waits for the disk where the effect demands it. */
  authorize(template: Template, args: unknown): Asked | Promise<Asked>;
  /** `authorize`, and the start of the permit, in one go. */
  begin(template: Template, args: unknown): Asked | Promise<Asked>;
  /** Records what a host refused before there was an action to decide on. */
  refuse(target: string, code: string, call: string | undefined): Asked | Promise<Asked>;
  /** The state of a call's permit. */
  permit(call: string): string | null;
  /** What the run has used, as JSON. */
  counters(): string;
  /** Ends the run, and says where its last receipt stands. */
  close(): Promise<string>;
}

/** An action without its arguments, read once for all calls of a tool. */
export declare class Template {
  private constructor();
  /** From the contract `action`. */
  static of(action: unknown): Template;
  /** A call of a tool of which nothing else is declared. */
  static tool(target: string): Template;
}

/** Version of Talos. */
export declare const VERSION: string;

/** Runs a pure operation on one JSON text and gives its output as canonical JSON. */
export declare function call(operation: string, input: string | Uint8Array): Buffer;

/** One answer for one line, whatever the line holds: the output, or the problem document. */
export declare function callLine(operation: string, line: Uint8Array): Buffer;

/** The canonical form of a value of JavaScript. */
export declare function canonical(value: unknown): string;

/** Runs a pure operation on a value of JavaScript and gives its output as a JSON text. */
export declare function invoke(operation: string, input: unknown): string;

/** Bytes as the contracts have them in JSON. */
export declare function packed(data: Uint8Array): string;

/** Gives this environment the function that takes objects apart. Called once, when the package is loaded. */
export declare function prepare(entriesOf: (object: object) => unknown[] | string): void;

/** The bytes that a text of the contracts stands for. */
export declare function unpacked(text: string): Buffer;
