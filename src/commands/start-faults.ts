/** What `start` says when it can't start: each fault on a line, and the way out. */

const KEY_HELP: readonly string[] = [
  "",
  'A key comes from Partoo: Settings > Integrations > API keys, as an administrator, kind "main integration"',
  "(a personal key dies with its owner's account). Restrict its permissions and its IP addresses there.",
  "Set its value in the environment, in .env, or as a file named by the variable with _FILE at its end.",
  "",
  "To look around first, without a key: npm run demo",
];

/** Why listen() failed, and what to do about it. @param code of its error */
export function listenFault(code: string | undefined): string {
  if (code === "EADDRINUSE") return "the port is in use; set PORT";
  if (code === "EACCES") return "not permitted; take a port above 1023";
  return code ?? "unknown error";
}

/** @param faults one line each, whose first word is a variable. @param keyMissing whether one of them is about a key */
export function explainMissing(faults: readonly string[], keyMissing: boolean): string {
  const lines = faults.map((fault) => `  ${fault}`);
  return [`The environment is not right:`, ...lines, ...(keyMissing ? KEY_HELP : [])].join("\n");
}
