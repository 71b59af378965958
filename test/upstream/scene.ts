/** A recording Partoo for a whole test file, and for each of its tests a gateway of its own: a 429 pauses the organization. */
import type { Socket } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import type { GatewayOptions, TestGateway } from "../support/gateway.ts";
import type { RecordingUpstream } from "../support/recording-upstream.ts";
import { startGateway } from "../support/gateway.ts";
import { startRecordingUpstream } from "../support/recording-upstream.ts";

export interface Scene {
  /** Its `requests` and `connections` are those of the test. */
  readonly upstream: RecordingUpstream;
  readonly gateway: TestGateway;
}

/** To be called once in a test file. */
export function openScene(options: Omit<GatewayOptions, "upstream"> = {}): Scene {
  const scene = {} as { upstream: RecordingUpstream; gateway: TestGateway };
  beforeAll(async () => {
    scene.upstream = await startRecordingUpstream();
  });
  afterAll(() => scene.upstream.close());
  beforeEach(async () => {
    scene.upstream.requests.length = 0;
    scene.upstream.connections = 0;
    scene.gateway = await startGateway({ upstream: scene.upstream.url, ...options });
  });
  afterEach(() => scene.gateway.close());
  return scene;
}

/** Of an answer of JSON. @param fields lines without the last end of line */
export function head(fields: string): string {
  return `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n${fields}\r\n\r\n`;
}

/** Writes these bytes one at a time, over and over, until the connection closes. */
export function drip(socket: Socket, bytes: string, everyMs: number): undefined {
  let sent = 0;
  const timer = setInterval(() => {
    socket.write(bytes.charAt(sent % bytes.length));
    sent += 1;
  }, everyMs);
  socket.once("close", () => clearInterval(timer));
}
