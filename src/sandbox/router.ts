/** Finds the endpoint of a path. The path is decoded and its dots resolved first, as many servers do: what slips past a careless proxy works here. */
import type { SandboxEndpoint } from "./endpoint.ts";

export interface Found {
  readonly endpoint: SandboxEndpoint;
  readonly parameters: Readonly<Record<string, string>>;
}

export interface Router {
  /** @param segments as `resolvePath` gives them */
  find(method: string, segments: readonly string[]): Found | undefined;
  /** Methods that some endpoint of this path takes. */
  methods(segments: readonly string[]): readonly string[];
}

/** Literal segments win over parameters when their endpoint comes first. */
export function createRouter(endpoints: readonly SandboxEndpoint[]): Router {
  const table = endpoints.map((endpoint) => ({ endpoint, pattern: endpoint.template.slice(1).split("/") }));
  const matches = (segments: readonly string[]): readonly Found[] =>
    table.flatMap(({ endpoint, pattern }) => {
      const parameters = match(pattern, segments);
      return parameters === undefined ? [] : [{ endpoint, parameters }];
    });
  return {
    find: (method, segments) => matches(segments).find(({ endpoint }) => endpoint.method === (method === "HEAD" ? "GET" : method)),
    methods: (segments) => [...new Set(matches(segments).map(({ endpoint }) => endpoint.method))],
  };
}

/** Segments below `/v2`, decoded, without empty ones and dots; undefined for another base or an encoding nobody can read. */
export function resolvePath(rawPath: string): readonly string[] | undefined {
  let decoded: string;
  try {
    decoded = decodeURIComponent(rawPath);
  } catch {
    return undefined;
  }
  const segments: string[] = [];
  for (const segment of decoded.split("/")) {
    if (segment === "..") segments.pop();
    else if (segment !== "" && segment !== ".") segments.push(segment);
  }
  return segments[0] === "v2" ? segments.slice(1) : undefined;
}

function match(pattern: readonly string[], segments: readonly string[]): Readonly<Record<string, string>> | undefined {
  if (pattern.length !== segments.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [at, part] of pattern.entries()) {
    const segment = segments[at] as string;
    if (part.startsWith("{")) parameters[part.slice(1, -1)] = segment;
    else if (part !== segment) return undefined;
  }
  return parameters;
}
