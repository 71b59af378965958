/** `npm run demo` for the guides, on ports of its own, and an empty folder for a frontend developer who has public packages and nothing else. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { SourceFile } from "./blocks.ts";
import type { Typed } from "../support/project.ts";
import { until } from "../support/cli.ts";
import { copyProject, end, type } from "../support/project.ts";
import { freePort } from "../support/redis.ts";

const PACKAGES = [
  "openapi-typescript@7.13.0",
  "openapi-fetch@0.17.0",
  "typescript@5.9.3",
  "@stoplight/prism-cli@5.16.0",
  "react@19.3.1",
  "@types/react@19.3.0",
  "react-test-renderer@19.3.1",
  "vue@3.5.45",
];
const OPTIONS = "--ignore-scripts --no-audit --no-fund --save-exact";

/** Next.js is 300 MB; this is all that the recipe uses of it. Not found is thrown, as there. To be written after npm has last been run: it clears away what it does not know. */
export const NEXT_JS: readonly SourceFile[] = [
  { name: "node_modules/server-only/index.js", text: "" },
  { name: "node_modules/server-only/index.d.ts", text: "export {};" },
  { name: "node_modules/next/navigation.js", text: 'exports.notFound = () => { throw new Error("NEXT_NOT_FOUND"); };' },
  { name: "node_modules/next/navigation.d.ts", text: "export function notFound(): never;" },
];
const AMBIENT = "declare const process: { readonly env: Readonly<Record<string, string | undefined>> };";
const TSCONFIG = {
  compilerOptions: {
    target: "es2023",
    lib: ["es2023", "dom", "dom.iterable"],
    module: "esnext",
    moduleResolution: "bundler",
    jsx: "react-jsx",
    strict: true,
    noUncheckedIndexedAccess: true,
    noUnusedLocals: true,
    skipLibCheck: true,
    noEmit: true,
    types: [],
  },
  include: ["**/*.ts", "**/*.tsx"],
};

export interface Demo {
  readonly port: number;
  /** Of the page that it shows. */
  readonly page: string;
  stop(): Promise<void>;
}

/** @param frontend lines to add to config/frontends/store-locator.yaml */
export async function startDemo(env: Readonly<Record<string, string>>, frontend: string): Promise<Demo> {
  const { folder, remove } = copyProject();
  const file = join(folder, "config/frontends/store-locator.yaml");
  writeFileSync(file, `${readFileSync(file, "utf8")}\n${frontend}`);
  const [port, sandboxPort, operatorPort] = [await freePort(), await freePort(), await freePort()];
  const ports = { PORT: String(port), SANDBOX_PORT: String(sandboxPort), OPERATOR_PORT: String(operatorPort) };
  const demo = type("exec node examples/demo.ts", folder, { ...ports, ...env });
  const running = { ended: false };
  void demo.output.then(() => (running.ended = true));
  await until(() => running.ended || demo.printed().includes("Ctrl-C"));
  if (running.ended) throw new Error(demo.printed());
  return {
    port,
    page: /page +(http:\S+)/.exec(demo.printed())?.[1] ?? "",
    async stop() {
      await end(demo);
      remove();
    },
  };
}

export interface Site {
  readonly folder: string;
  write(files: readonly SourceFile[]): void;
  type(command: string): Typed;
  remove(): void;
}

export async function createSite(): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), "partoo-bff-site-"));
  const write = (files: readonly SourceFile[]): void => {
    for (const { name, text } of files) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
  };
  const install = type(`npm init -y && npm install ${OPTIONS} ${PACKAGES.join(" ")}`, folder);
  const printed = await install.output;
  if (install.child.exitCode !== 0) throw new Error(printed);
  write([
    { name: "ambient.d.ts", text: AMBIENT },
    { name: "tsconfig.json", text: JSON.stringify(TSCONFIG) },
  ]);
  return { folder, write, type: (command) => type(command, folder), remove: () => rmSync(folder, { recursive: true, force: true }) };
}
