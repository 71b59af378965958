import { defineConfig } from "vitest/config";

/** Where to write the figures of a run, for .ci/run. */
const results = process.env["TEST_RESULTS"];

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/support/install.ts"],
    ...(results === undefined ? {} : { reporters: ["default", ["json", { outputFile: results }]] }),
    pool: "forks",
    maxWorkers: 4,
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
});
