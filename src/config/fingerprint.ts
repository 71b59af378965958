/** Tells whether the content of a configuration has changed, however its files were written: in place, renamed over, or behind a swapped link. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const FOLDERS = ["", "frontends", "tests"] as const;

/** A digest of every YAML file's name and bytes. What can't be read is part of it, so that its return is a change, too. Never throws. */
export function fingerprintOf(directory: string): string {
  const hash = createHash("sha256");
  for (const folder of FOLDERS) {
    for (const name of namesIn(join(directory, folder)))
      hash.update(JSON.stringify([folder, name])).update(contentOf(join(directory, folder, name)));
  }
  return hash.digest("base64url");
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => !name.startsWith(".") && /\.ya?ml$/i.test(name))
      .toSorted();
  } catch (fault) {
    return [String((fault as NodeJS.ErrnoException).code)];
  }
}

function contentOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (fault) {
    return Buffer.from(String((fault as NodeJS.ErrnoException).code));
  }
}
