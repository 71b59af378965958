/** REDIS_URL, read into what the client needs: nothing of the text reaches it unread. */

export interface RedisAddress {
  readonly host: string;
  readonly port: number;
  readonly username?: string;
  readonly password?: string;
  readonly db: number;
  /** Present: over TLS, with the certificate checked. */
  readonly tls?: Readonly<Record<string, never>>;
}

const DEFAULT_PORT = 6379;
const FORM = "an address such as redis://host:6379/0 or rediss://user:password@host:6379";

/** `redis://` or `rediss://`, user and password percent-encoded, the path a database's number. @throws TypeError without the text */
export function parseRedisUrl(text: string): RedisAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !["redis:", "rediss:"].includes(url.protocol) || url.hostname === "") throw new TypeError(FORM);
  const [, db = ""] = /^\/?(\d{0,4})$/.exec(url.pathname) ?? [];
  if (url.pathname.length > db.length + 1 || url.search !== "" || url.hash !== "") {
    throw new TypeError(`${FORM}: after the host comes the number of a database, or nothing`);
  }
  const [username, password] = [decode(url.username), decode(url.password)];
  return {
    // An IPv6 address stands in brackets in a URL only.
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: url.port === "" ? DEFAULT_PORT : Number(url.port),
    ...(username === "" ? {} : { username }),
    ...(password === "" ? {} : { password }),
    db: Number(db),
    ...(url.protocol === "rediss:" ? { tls: {} } : {}),
  };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new TypeError("its user and password are percent-encoded: write %25 for a percent sign");
  }
}
