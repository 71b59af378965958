/** Files of a guide as a test imports them, as far as it uses them; and the browser that they run in. */

export interface StoresFile {
  readonly findStores: (query: object, signal: AbortSignal) => Promise<{ readonly stores: readonly object[] }>;
}
export interface Pins {
  readonly type: string;
  readonly features: readonly object[];
}
export interface Vue {
  readonly effectScope: () => { run<Made>(work: () => Made): Made; stop(): void };
  readonly ref: <Value>(value: Value) => { value: Value };
}
export interface VueStores {
  readonly list: { readonly value: { readonly stores: readonly { readonly city: string }[] } | undefined };
  readonly error: { readonly value: unknown };
}
export interface React {
  readonly createElement: (component: unknown, props: object) => unknown;
}
export interface Renderer {
  readonly create: (element: unknown) => View;
}
export interface View {
  toJSON(): Tree;
  update(element: unknown): void;
  unmount(): void;
}
type Tree = string | null | { readonly children: readonly Tree[] | null } | readonly Tree[];

/** What people would read. */
export function textOf(view: View): string {
  const read = (tree: Tree): string => {
    if (tree === null || typeof tree === "string") return tree ?? "";
    return ("children" in tree ? (tree.children ?? []) : tree).map(read).join("");
  };
  return read(view.toJSON());
}

/** fetch() as a browser sends it: with the page's origin. A server of ours shows its token instead. */
export function asBrowser(inner: typeof fetch, { origin, seen }: { readonly origin: string; readonly seen: Request[] }): typeof fetch {
  const sent = (input: Request, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init);
    if (!request.headers.has("authorization")) request.headers.set("origin", origin);
    seen.push(request);
    return inner(request);
  };
  return sent as typeof fetch;
}

/** The request that was sent for some words. */
export function asked(seen: readonly Request[], words: string): Request | undefined {
  return seen.find(({ url }) => url.includes(`q=${words}`));
}
