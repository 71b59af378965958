/** A call to Partoo that did not end well, as the one line that an operator is shown. */
import { Problem } from "../problem.ts";
import { NotReached } from "../upstream/failures.ts";
import { KeysFault } from "./keys-fault.ts";

/** What was asked. */
export interface Asked {
  /** `POST /api_keys`, without query. */
  readonly request: string;
  readonly writes: boolean;
  /** The key it was asked with, by name. */
  readonly secret: string;
  readonly deadlineMs: number;
}

/** Shown after a write of which nobody knows what became. */
const UNSURE = "; whether Partoo did it is not known: look with keys audit before you send it again";

/** Its message is one line, without any text of Partoo's and without a key. */
export class PartooFault extends KeysFault {
  /** Partoo's answer, when there was one. */
  readonly status: number | undefined;

  private constructor({ request }: Asked, text: string, status?: number) {
    super(`${request}: ${text}`);
    this.status = status;
  }

  /** No answer: out of reach, out of time, cut off or unreadable; or `stopped`, by a signal to this process. */
  static ofError(asked: Asked, error: unknown): PartooFault {
    return new PartooFault(asked, `${textOfError(asked, error)}${asked.writes ? UNSURE : ""}`);
  }

  /** @param refusal the status and names of fields, from `describeRefusal()` */
  static ofStatus(asked: Asked, status: number, refusal: string): PartooFault {
    const unsure = asked.writes && status >= 500 ? UNSURE : "";
    return new PartooFault(asked, `Partoo refuses (${refusal})${hintOf(asked, status)}${unsure}`, status);
  }

  /** An answer of 2xx that can't be used. */
  static ofAnswer(asked: Asked, text: string): PartooFault {
    return new PartooFault(asked, `${text}${asked.writes ? UNSURE : ""}`);
  }
}

function textOfError({ deadlineMs }: Asked, error: unknown): string {
  if (error === "stopped") return "stopped before Partoo had answered";
  if (error instanceof Problem) return "Partoo's answer can't be read";
  const { name, code } = (error instanceof NotReached ? error.cause : error) as { readonly name?: unknown; readonly code?: unknown };
  if (name === "TimeoutError") return `no whole answer within ${deadlineMs / 1000} s`;
  return `Partoo could not be reached (${typeof code === "string" ? code : "unknown error"})`;
}

function hintOf({ secret }: Asked, status: number): string {
  if (status >= 300 && status <= 399) return ": it redirects, and a key follows no redirect; is PARTOO_URL right?";
  if (status === 401) return `: the value of ${secret} is unknown, expired or revoked, or may not be used from this address`;
  if (status === 403) return `: ${secret} needs the right to manage API keys, as an administrator has it`;
  if (status === 404) return ": there is no such key, or PARTOO_URL is not the base of Partoo's API";
  if (status === 429) return ": the organization's limit is used up; try again in a minute";
  return "";
}
