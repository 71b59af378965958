/** A value that can't be printed, logged, serialised or inspected, and that knows the one origin it may be sent to. */
import { createHash, timingSafeEqual } from "node:crypto";
import { inspect } from "node:util";

/** Characters a header field value may hold without folding or trimming; Partoo's keys are printable ASCII. */
const PRINTABLE_ASCII = /^[\x21-\x7e]+$/;

export class Secret {
  readonly #value: string;
  readonly #origin: string;
  /** The value as it is, and as JSON would escape it. */
  readonly #forms: readonly Buffer[];
  /** What to call it in logs: the configuration's name, never part of the value. */
  readonly name: string;

  /**
   * @param name how the operator knows it, e.g. `locator-read`
   * @param value the secret; surrounding white space (a file's last newline) is dropped
   * @param origin the only origin it may be sent to, e.g. `https://api.partoo.co`
   * @throws TypeError without the value when it is empty or could not stand in a header field
   */
  constructor(name: string, value: string, origin: string) {
    const trimmed = value.trim();
    if (!PRINTABLE_ASCII.test(trimmed)) {
      throw new TypeError(`the value of ${name} is ${trimmed === "" ? "empty" : "not printable ASCII without spaces"}`);
    }
    this.name = name;
    this.#value = trimmed;
    this.#origin = origin;
    this.#forms = [...new Set([trimmed, JSON.stringify(trimmed).slice(1, -1)])].map((form) => Buffer.from(form));
  }

  /** The value, for a request to `origin`. @throws TypeError for any other origin */
  reveal(origin: string): string {
    if (origin !== this.#origin) throw new TypeError(`${this.name} must not be sent to another origin`);
    return this.#value;
  }

  /** Whether these bytes hold the value anywhere, plain or inside a JSON string. */
  isIn(bytes: Buffer): boolean {
    return this.#forms.some((form) => bytes.includes(form));
  }

  /** Constant-time comparison with what somebody presents. */
  equals(presented: string): boolean {
    return timingSafeEqual(digest(this.#value), digest(presented));
  }

  /** Whether two secrets have the same value; their names may differ. */
  sameValueAs(other: Secret): boolean {
    return this.equals(other.#value);
  }

  toString(): string {
    return `[secret ${this.name}]`;
  }

  toJSON(): string {
    return this.toString();
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

function digest(value: string): Buffer {
  return createHash("sha256").update(value).digest();
}
