/** Finds and reads the files of a configuration: DIR/bff.yaml and DIR/frontends/*.yaml. */
import type { Dirent } from "node:fs";
import type { Location } from "./diagnostic.ts";
import type { Place } from "./place.ts";
import type { Reporter } from "./reporter.ts";
import { closeSync, existsSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { readDocument } from "./document.ts";

/** A configuration is written by hand: anything larger is a mistake. */
const MAX_FILE_BYTES = 1024 * 1024;
const FRONTEND_NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** One file as read. */
export interface SourceFile {
  /** Relative to the working directory where the operator wrote it so. */
  readonly file: string;
  readonly text: string;
  /** Undefined when the text is not YAML. */
  readonly root?: Place;
}

/** All files of a configuration. A file that could not be read is missing here and named in the faults. */
export interface Source {
  readonly bff?: SourceFile;
  /** By name of the frontend, sorted. */
  readonly frontends: ReadonlyMap<string, SourceFile>;
  /** Whether every frontend's file is here. */
  readonly complete: boolean;
}

/** Reads the files of a directory. Whatever can't be read is reported; never throws. */
export function readSource(directory: string, reporter: Reporter): Source {
  const top = list(directory, reporter);
  if (top === undefined) return { frontends: new Map(), complete: false };
  reportMisplaced(directory, top, reporter);
  const bff = readBff(directory, top, reporter);
  const folder = join(directory, "frontends");
  const names = (top.includes("frontends") ? list(folder, reporter) : [])?.filter(
    (name) => !name.startsWith(".") && /\.ya?ml$/i.test(name),
  );
  const frontends = readFrontends(folder, names ?? [], reporter);
  return { ...(bff === undefined ? {} : { bff }), frontends, complete: names?.length === frontends.size };
}

/** Reads DIR/tests/*.yaml, in order. No such directory: none. Whatever can't be read is reported; never throws. */
export function readTestSources(directory: string, reporter: Reporter): readonly SourceFile[] {
  const folder = join(directory, "tests");
  if (!existsSync(folder)) return [];
  const names = (list(folder, reporter) ?? []).filter((name) => !name.startsWith(".") && /\.ya?ml$/i.test(name));
  return names.map((name) => readOne(join(folder, name), reporter)).filter((file) => file !== undefined);
}

/** The first place of a file. */
function startOf(file: string): Location {
  return { file, line: 1, column: 1, length: 1 };
}

function list(directory: string, reporter: Reporter): readonly string[] | undefined {
  try {
    const found: Dirent[] = readdirSync(directory, { withFileTypes: true });
    return found.map((entry) => entry.name).toSorted();
  } catch (error) {
    reporter.error(
      startOf(directory),
      "directory-unreadable",
      `this directory can't be read (${reasonOf(error)})`,
      "name the right one with --config DIR",
    );
    return undefined;
  }
}

function readBff(directory: string, top: readonly string[], reporter: Reporter): SourceFile | undefined {
  const file = join(directory, "bff.yaml");
  if (top.includes("bff.yaml")) return readOne(file, reporter);
  const hint = top.includes("bff.yml") ? "rename bff.yml to bff.yaml" : "it says which organizations, keys and routes there are";
  reporter.error(startOf(file), "file-missing", "this file is missing", hint);
  return undefined;
}

function readFrontends(folder: string, names: readonly string[], reporter: Reporter): ReadonlyMap<string, SourceFile> {
  const frontends = new Map<string, SourceFile>();
  for (const name of names) {
    const file = join(folder, name);
    const stem = name.replace(/\.ya?ml$/i, "");
    if (!name.endsWith(".yaml")) {
      reporter.error(startOf(file), "file-extension", "a frontend's file must end in .yaml", `rename it to ${stem}.yaml`);
    } else if (!FRONTEND_NAME.test(stem)) {
      const hint = "use lower-case letters, digits and -, at most 63, beginning with a letter or digit";
      reporter.error(startOf(file), "frontend-name", "the file's name is the first path segment, and this one can't be", hint);
    } else {
      const source = readOne(file, reporter);
      if (source !== undefined) frontends.set(stem, source);
    }
  }
  return frontends;
}

function reportMisplaced(directory: string, top: readonly string[], reporter: Reporter): void {
  for (const name of top) {
    if (name.startsWith(".") || !/\.ya?ml$/i.test(name) || name === "bff.yaml" || name === "bff.yml") continue;
    const hint = `a frontend belongs in ${join(directory, "frontends", name.replace(/\.ya?ml$/i, ".yaml"))}`;
    reporter.warning(startOf(join(directory, name)), "file-ignored", "this file is not read", hint);
  }
}

function readOne(file: string, reporter: Reporter): SourceFile | undefined {
  try {
    const text = readText(file, reporter);
    if (text === undefined) return undefined;
    const root = readDocument(file, text, reporter);
    return { file, text, ...(root === undefined ? {} : { root }) };
  } catch (error) {
    reporter.error(startOf(file), "file-unreadable", `this file can't be read (${reasonOf(error)})`);
    return undefined;
  }
}

function readText(file: string, reporter: Reporter): string | undefined {
  const status = statSync(file);
  if (!status.isFile()) {
    reporter.error(startOf(file), "file-unreadable", "this is not a regular file");
    return undefined;
  }
  const bytes = readBounded(file);
  if (bytes.length > MAX_FILE_BYTES) {
    reporter.error(startOf(file), "file-too-large", "this file is larger than 1 MB", "a configuration of 100 routes has about 50 KB");
    return undefined;
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    reporter.error(startOf(file), "file-encoding", "this file is not UTF-8", "save it as UTF-8");
    return undefined;
  }
}

/** At most one byte more than allowed, so that a growing file can't fill the memory. */
function readBounded(file: string): Buffer {
  const descriptor = openSync(file, "r");
  try {
    const buffer = Buffer.alloc(MAX_FILE_BYTES + 1);
    let length = 0;
    for (;;) {
      const read = readSync(descriptor, buffer, length, buffer.length - length, null);
      length += read;
      if (read === 0 || length === buffer.length) return buffer.subarray(0, length);
    }
  } finally {
    closeSync(descriptor);
  }
}

function reasonOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  const words: Readonly<Record<string, string>> = {
    ENOENT: "it does not exist",
    EACCES: "no permission",
    ENOTDIR: "it is not a directory",
    ELOOP: "a circle of links",
  };
  return code === undefined ? "unknown reason" : (words[code] ?? code);
}
