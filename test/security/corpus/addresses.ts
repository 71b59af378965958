/** Somebody who has spent their only miss says where they come from; the nearest hop is trusted, so what it appended is believed alone. */
import type { Entry } from "./entry.ts";
import { fieldsAt } from "./entry.ts";
import { SPENT_ADDRESS } from "./setting.ts";

const APPENDED = `X-Forwarded-For: ${SPENT_ADDRESS}`;

export const ADDRESSES: readonly Entry[] = fieldsAt("/once/v2/business/search?city=Lyon", "429 rate-limited", [
  APPENDED,
  `X-Forwarded-For: 198.51.100.1, ${SPENT_ADDRESS}`,
  `X-Forwarded-For: 127.0.0.1, ${SPENT_ADDRESS}`,
  `X-Forwarded-For: 10.0.0.1, ::1, unknown, ${SPENT_ADDRESS}`,
  `X-Forwarded-For: ${SPENT_ADDRESS}, 127.0.0.1`,
  `X-Forwarded-For: ::ffff:${SPENT_ADDRESS}`,
  `X-Forwarded-For: ::ffff:cb00:7107`,
  `X-Forwarded-For: "${SPENT_ADDRESS}", ${SPENT_ADDRESS}`,
  `X-Forwarded-For: ${"1.1.1.1,".repeat(1500)}${SPENT_ADDRESS}`,
  ["X-Forwarded-For: 198.51.100.1", APPENDED],
  [APPENDED, "X_Forwarded_For: 198.51.100.1"],
  [APPENDED, "Forwarded: for=198.51.100.1;proto=https"],
  [APPENDED, 'Forwarded: for="[2001:db8::1]:4711"'],
  [APPENDED, "X-Real-IP: 198.51.100.1"],
  [APPENDED, "Fly-Client-IP: 198.51.100.1"],
  [APPENDED, "True-Client-IP: 198.51.100.1", "CF-Connecting-IP: 198.51.100.2", "X-Client-IP: 198.51.100.3"],
  [APPENDED, "X-Cluster-Client-IP: 198.51.100.1", "X-Originating-IP: 198.51.100.2", "X-Remote-Addr: 198.51.100.3"],
  [APPENDED, "Via: 1.1 198.51.100.1", "Client-IP: 198.51.100.2"],
  [APPENDED, "Connection: X-Forwarded-For"],
  [APPENDED, "User-Agent: another", "Cookie: visitor=2"],
  [APPENDED, "X-Forwarded-Host: other.example", "X-Forwarded-Port: 1"],
]);
