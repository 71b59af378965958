/** Sends exactly the bytes a test wants and reads what comes back until the connection closes or falls silent. */
import { connect } from "node:net";

export interface RawAnswer {
  /** 0 when nothing that looks like an answer came. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** All bytes as they came, so that a test may look for more than one answer. */
  readonly text: string;
  readonly closed: boolean;
}

/** After a whole answer, time for a second one that should not come. */
const AFTER_ANSWER_MS = 30;

/** @param quietMs how long a silent open connection is waited for after the last byte of what is no whole answer */
export async function sendRaw(port: number, bytes: string | Buffer | readonly (string | Buffer)[], quietMs = 400): Promise<RawAnswer> {
  const parts = Array.isArray(bytes) ? bytes : [bytes as string | Buffer];
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    let text = "";
    let closed = false;
    const finish = (): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(parseAnswer(text, closed));
    };
    let timer = setTimeout(finish, 5000);
    socket.on("connect", () => {
      for (const part of parts) socket.write(typeof part === "string" ? Buffer.from(part, "latin1") : part);
    });
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      clearTimeout(timer);
      timer = setTimeout(finish, isWhole(text) ? AFTER_ANSWER_MS : quietMs);
    });
    socket.on("error", () => undefined);
    socket.on("close", () => {
      closed = true;
      finish();
    });
  });
}

/** One request with the usual fields; `fields` are added as lines. */
export function request(
  target: string,
  options: { readonly method?: string; readonly fields?: readonly string[]; readonly origin?: string | null } = {},
): string {
  const origin = options.origin === undefined ? "https://stores.acme.example" : options.origin;
  const fields = ["Host: proxy.example", ...(origin === null ? [] : [`Origin: ${origin}`]), ...(options.fields ?? [])];
  return `${options.method ?? "GET"} ${target} HTTP/1.1\r\n${fields.join("\r\n")}\r\n\r\n`;
}

function isWhole(text: string): boolean {
  const end = text.indexOf("\r\n\r\n");
  const length = /\r\ncontent-length: (\d+)/i.exec(text)?.[1];
  return end !== -1 && (length === undefined ? text.startsWith("HTTP/1.1 204") : text.length >= end + 4 + Number(length));
}

/** One answer, whole. */
export function parseAnswer(text: string, closed: boolean): RawAnswer {
  const end = text.indexOf("\r\n\r\n");
  const [statusLine = "", ...lines] = (end === -1 ? text : text.slice(0, end)).split("\r\n");
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]),
  );
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(statusLine)?.[1] ?? 0);
  return { status, headers, body: end === -1 ? "" : text.slice(end + 4), text, closed };
}
