/** Sends bytes, reads the answers that are due, then asks a good question on the same connection: is it still in step? */
import { connect } from "node:net";
import type { RawAnswer } from "./raw-client.ts";
import { parseAnswer } from "./raw-client.ts";

/** Answered without Partoo, so that it disturbs nothing that is counted. */
const GOOD_QUESTION = "GET /healthz HTTP/1.1\r\nHost: proxy.example\r\n\r\n";
const SILENCE_MS = 3000;
const INTERIM = /^HTTP\/1\.1 1\d\d [^\r\n]*\r\n(?:[^\r\n]+\r\n)*\r\n/;

export interface Conversation {
  /** In order; the good question's last, when there is one. */
  readonly answers: readonly RawAnswer[];
  /** Bytes that belong to no whole answer. */
  readonly rest: string;
  /** Ended by the other side. false: in step, or silent. */
  readonly closed: boolean;
}

export interface ConversationOptions {
  /** Answers before the good question is asked. Default 1. */
  readonly due?: number;
  /** Methods of the requests; an answer to HEAD has no content. */
  readonly methods?: readonly string[];
}

export async function converse(
  port: number,
  bytes: string | readonly string[],
  { due = 1, methods = [] }: ConversationOptions = {},
): Promise<Conversation> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const answers: RawAnswer[] = [];
    let text = "";
    const finish = (closed: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ answers, rest: text, closed });
    };
    const timer = setTimeout(() => finish(false), SILENCE_MS);
    const take = (): void => {
      text = text.replace(INTERIM, "");
      const length = wholeLength(text, methods[answers.length] === "HEAD");
      if (length === undefined) return;
      answers.push(parseAnswer(text.slice(0, length), false));
      text = text.slice(length);
      if (answers.length === due) socket.write(GOOD_QUESTION);
      if (answers.length > due) finish(false);
      else if (text !== "") take();
    };
    socket.on("connect", () => {
      for (const part of typeof bytes === "string" ? [bytes] : bytes) socket.write(Buffer.from(part, "latin1"));
    });
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      take();
    });
    socket.on("error", () => undefined);
    socket.on("close", () => finish(true));
  });
}

function wholeLength(text: string, isHead: boolean): number | undefined {
  const end = text.indexOf("\r\n\r\n");
  if (end === -1) return undefined;
  if (isHead || /^HTTP\/1\.1 (204|304)/.test(text)) return end + 4;
  const length = /\r\ncontent-length: (\d+)\r\n/i.exec(text.slice(0, end + 2))?.[1];
  const whole = end + 4 + Number(length);
  return length !== undefined && text.length >= whole ? whole : undefined;
}
