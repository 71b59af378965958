/** What the log says of an error of Redis. Apart from its client, which a process without Redis never loads. */

/** An error reply begins with a word in capitals (WRONGPASS, NOAUTH, LOADING); its text may quote the address. */
const REPLY_CODE = /^[A-Z]{3,20}(?= )/;

/** One word for what went wrong, without an address. */
export function reasonOf({ code, name, message }: NodeJS.ErrnoException): string {
  if (code !== undefined) return code;
  return REPLY_CODE.exec(message)?.[0] ?? (/timed? ?out/i.test(message) ? "timeout" : name);
}
